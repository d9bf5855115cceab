namespace Replication.ReplicaNode.Replicas;

/// <summary>A sync that failed, and those who waited for it.</summary>
internal sealed record SyncFailure(string What, int Errno, IReadOnlyList<SyncWait> Waits);
