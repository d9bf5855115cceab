namespace Replication.Host.Logging;

/// <summary>
/// Lets so many warnings about requests through in each second that a disk or a client that fails everything
/// does not push all else out of the log; what is over is counted. Safe from any thread.
/// </summary>
internal sealed class WarningPace(TimeProvider time)
{
    /// <summary>Warnings in one second.</summary>
    public const int PerSecondMax = 100;

    private readonly Lock _lock = new();
    private long _second = time.GetTimestamp();
    private int _taken;
    private long _skipped;

    /// <summary>True when one may be written.</summary>
    /// <param name="skippedBefore">
    /// How many were left out before it and are not told of yet; nearly always 0.
    /// </param>
    public bool TryTake(out long skippedBefore)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            if (time.GetElapsedTime(_second, now) >= TimeSpan.FromSeconds(1))
            {
                _second = now;
                _taken = 0;
            }

            skippedBefore = 0;
            if (_taken == PerSecondMax)
            {
                _skipped++;
                return false;
            }

            _taken++;
            (skippedBefore, _skipped) = (_skipped, 0);
            return true;
        }
    }
}
