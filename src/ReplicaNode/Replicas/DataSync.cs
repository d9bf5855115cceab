using Replication.Actors;
using Replication.Actors.Disk;

namespace Replication.ReplicaNode.Replicas;

/// <summary>A sync of the raw file.</summary>
internal sealed class DataSync(IActorRef owner) : DiskOperation(DiskOperationKind.Sync, owner);
