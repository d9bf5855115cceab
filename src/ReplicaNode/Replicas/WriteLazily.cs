namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// A replica's reminder to itself that a raised clean, or marks that may go, have not gone along with another
/// round of the sidecar.
/// </summary>
internal sealed class WriteLazily
{
    internal static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

    private WriteLazily()
    {
    }

    internal static WriteLazily Instance { get; } = new();
}
