namespace Replication.ReplicaNode.Observing;

/// <summary>Nobody watches; making a report for it allocates nothing.</summary>
public sealed class NoReplicaObserver : IReplicaObserver
{
    private NoReplicaObserver()
    {
    }

    /// <summary>The only one.</summary>
    public static NoReplicaObserver Instance { get; } = new();

    /// <inheritdoc/>
    public void OnAnswered(in ReplicaReport report)
    {
    }
}
