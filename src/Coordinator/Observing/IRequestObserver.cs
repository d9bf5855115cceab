namespace Replication.Coordinator.Observing;

/// <summary>
/// Hears of each request of a gateway's volumes once it is over. Called in the volume's actor, for many
/// volumes at once from many threads: it must be quick, must not block, and must not throw. Nothing that it
/// does has an effect on a volume.
/// </summary>
public interface IRequestObserver
{
    /// <summary>A request has ended, or was refused. Nothing of the report is reused.</summary>
    void OnEnded(in RequestReport report);
}
