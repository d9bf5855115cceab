using Replication.Actors;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Has requests wait for child-timeout before they fail when too few children can be reached: a connection
/// that comes back soon costs a client time, not an error. Runs within the volume's actor.
/// </summary>
internal sealed class Patience(IActorContext volume, TimeSpan limit)
{
    private static readonly object EndTimer = new();

    private bool _isShort;

    /// <summary>True while requests wait.</summary>
    internal bool HoldsRequests => volume.Timers.IsActive(EndTimer);

    /// <summary>Says whether children that are needed cannot be reached; the time counts from then.</summary>
    internal void Follow(bool isShort)
    {
        if (isShort && !_isShort)
        {
            volume.Timers.StartSingle(EndTimer, new PatienceTick(), limit);
        }
        else if (!isShort && _isShort)
        {
            volume.Timers.Cancel(EndTimer);
        }

        _isShort = isShort;
    }
}

/// <summary>Requests have waited long enough for children that cannot be reached.</summary>
internal sealed record PatienceTick;
