namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// A replica's reminder to itself that marks of hot zones may go. They go a while after the flush that made
/// them needless, not with it: a zone that is written all the time would be marked anew, at the cost of a
/// sync, after every flush.
/// </summary>
internal sealed class SweepHotZones
{
    internal static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private SweepHotZones()
    {
    }

    internal static SweepHotZones Instance { get; } = new();
}
