using Replication.ReplicaNode.Observing;

namespace Replication.Host.Telemetry;

/// <summary>Tells several observers of each request that a replica has answered, in their order.</summary>
internal sealed class ReplicaObservers(IReplicaObserver[] observers) : IReplicaObserver
{
    /// <inheritdoc/>
    public void OnAnswered(in ReplicaReport report)
    {
        foreach (IReplicaObserver observer in observers)
        {
            observer.OnAnswered(in report);
        }
    }
}
