using Replication.Coordinator.Observing;

namespace Replication.Host.Telemetry;

/// <summary>Tells several observers of each request, in their order.</summary>
internal sealed class RequestObservers(IRequestObserver[] observers) : IRequestObserver
{
    /// <inheritdoc/>
    public void OnEnded(in RequestReport report)
    {
        foreach (IRequestObserver observer in observers)
        {
            observer.OnEnded(in report);
        }
    }
}
