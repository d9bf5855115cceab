namespace Replication.Coordinator.Observing;

/// <summary>Nobody watches; making a report for it allocates nothing.</summary>
public sealed class NoRequestObserver : IRequestObserver
{
    private NoRequestObserver()
    {
    }

    /// <summary>The only one.</summary>
    public static NoRequestObserver Instance { get; } = new();

    /// <inheritdoc/>
    public void OnEnded(in RequestReport report)
    {
    }
}
