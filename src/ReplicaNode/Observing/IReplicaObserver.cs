namespace Replication.ReplicaNode.Observing;

/// <summary>
/// Hears of each request that a storage node's replicas have answered. Called in the replica's actor, for
/// several replicas at once from several threads: it must be quick, must not block, and must not throw.
/// Nothing that it does has an effect on a replica.
/// </summary>
public interface IReplicaObserver
{
    /// <summary>A request was answered. The report is a value: nothing of it is reused.</summary>
    void OnAnswered(in ReplicaReport report);
}
