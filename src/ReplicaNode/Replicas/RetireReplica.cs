namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// From the storage actor: the files are to be moved away. What was asked before is answered first.
/// </summary>
internal sealed class RetireReplica
{
    private RetireReplica()
    {
    }

    internal static RetireReplica Instance { get; } = new();
}
