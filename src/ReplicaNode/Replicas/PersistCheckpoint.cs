namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// A replica's reminder to itself that a raised clean has not gone along with another write of the header.
/// </summary>
internal sealed class PersistCheckpoint
{
    internal static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

    private PersistCheckpoint()
    {
    }

    internal static PersistCheckpoint Instance { get; } = new();
}
