namespace Replication.ReplicaNode.Storage;

/// <summary>
/// Asks a node's storage actor how its replicas in use are doing: answered by <see cref="ReplicaList"/>. For
/// those in the same process; it has no form on the wire.
/// </summary>
public sealed record QueryReplicas;

/// <summary>The replicas in use, by volume in ordinal order.</summary>
public sealed record ReplicaList(IReadOnlyList<ReplicaStatus> Replicas);

/// <summary>One replica as it stands.</summary>
/// <param name="VolumeName">Its volume.</param>
/// <param name="HotZoneCount">Zones whose marks say that writes to them may not be durable (P7).</param>
/// <param name="RunningCount">Requests that it works on.</param>
/// <param name="WaitingCount">Requests that wait until it has room for them.</param>
public sealed record ReplicaStatus(
    string VolumeName, int HotZoneCount, int RunningCount, int WaitingCount);

/// <summary>Asks one replica: answered by <see cref="ReplicaStatus"/>.</summary>
internal sealed record QueryReplica;
