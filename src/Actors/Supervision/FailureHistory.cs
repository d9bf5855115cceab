namespace Replication.Actors.Supervision;

/// <summary>The failures of one child, as its supervisor remembers them.</summary>
internal sealed class FailureHistory
{
    private long _windowStart;
    private int _inWindow;
    private long _lastFailure;
    private int _inARow;
    private TimeSpan _lastDelay;

    /// <summary>
    /// Counts one more failure and returns how many the window holds. Zero window: all of life.
    /// </summary>
    internal int Count(long now, TimeProvider time, TimeSpan window)
    {
        if (_inWindow == 0 || (window > TimeSpan.Zero && time.GetElapsedTime(_windowStart, now) > window))
        {
            _windowStart = now;
            _inWindow = 0;
        }

        return ++_inWindow;
    }

    /// <summary>
    /// The delay before the next restart: doubling from min to max, from min again for a child that ran for
    /// max.
    /// </summary>
    internal TimeSpan NextBackoff(TimeProvider time, TimeSpan min, TimeSpan max)
    {
        long now = time.GetTimestamp();
        bool quiet = _inARow == 0 || time.GetElapsedTime(_lastFailure, now) - _lastDelay > max;
        _inARow = quiet ? 1 : _inARow + 1;
        _lastFailure = now;
        if (min <= TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        double factor = Math.Pow(2, Math.Min(_inARow - 1, 30));
        _lastDelay = TimeSpan.FromTicks((long)Math.Min(max.Ticks, min.Ticks * factor));
        return _lastDelay;
    }
}
