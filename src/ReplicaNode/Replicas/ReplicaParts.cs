using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>The parts of a replica in use, for those who need many of them.</summary>
internal sealed record ReplicaParts(
    SidecarState Sidecar,
    ReplicaStanding Standing,
    UnderWayRanges UnderWay,
    ReplicaDoor Door,
    ReplicaSyncs Syncs,
    HotGate Gate,
    ReplicaUpkeep Upkeep);
