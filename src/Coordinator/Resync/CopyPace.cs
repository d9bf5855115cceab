namespace Replication.Coordinator.Resync;

/// <summary>
/// How fast a resync copies: within its bandwidth, and in company only half of the time (P20). Then copies
/// run in rounds, as many as may be in flight; after a round nothing is copied for as long as it took.
/// </summary>
/// <param name="rateMax">Bytes a second; 0 is no limit.</param>
internal sealed class CopyPace(long rateMax)
{
    /// <summary>A round that waited for locks or a slow child is not paid for in full.</summary>
    internal static readonly TimeSpan RestMax = TimeSpan.FromSeconds(1);

    private TimeSpan _roundBegan;
    private TimeSpan _mayGoOnAt;
    private bool _isClosing;

    /// <summary>
    /// How long until the next copy may begin; MaxValue when that is after the end of those in flight.
    /// </summary>
    internal TimeSpan WaitBeforeNext(TimeSpan now, int inFlight)
    {
        if (_isClosing)
        {
            return TimeSpan.MaxValue;
        }

        if (now < _mayGoOnAt)
        {
            return _mayGoOnAt - now;
        }

        if (inFlight == 0)
        {
            _roundBegan = now;
        }

        return TimeSpan.Zero;
    }

    /// <summary>A copy is done; so many are in flight still.</summary>
    internal void OnCopied(TimeSpan now, RegionCopied copied, int inFlight)
    {
        if (rateMax > 0)
        {
            TimeSpan cost = TimeSpan.FromSeconds((double)copied.CopiedBytes / rateMax);
            _mayGoOnAt = (_mayGoOnAt > now ? _mayGoOnAt : now) + cost;
        }

        _isClosing |= copied.HasCompany;
        EndRound(now, inFlight);
    }

    /// <summary>Something failed: nothing is copied for a while.</summary>
    internal void Pause(TimeSpan now, TimeSpan delay)
    {
        _isClosing = false;
        _mayGoOnAt = now + delay > _mayGoOnAt ? now + delay : _mayGoOnAt;
    }

    private void EndRound(TimeSpan now, int inFlight)
    {
        if (_isClosing && inFlight == 0)
        {
            _isClosing = false;
            TimeSpan rest = now - _roundBegan < RestMax ? now - _roundBegan : RestMax;
            _mayGoOnAt = now + rest > _mayGoOnAt ? now + rest : _mayGoOnAt;
        }
    }
}
