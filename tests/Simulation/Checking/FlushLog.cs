namespace Replication.Simulation.Checking;

/// <summary>
/// Acknowledged flushes, and the moments at which unflushed writes were declared lost (P12): they cut the
/// history of a volume into eras. Within an era values never go back (I7); at a loss they may, but not behind
/// what was flushed (I2).
/// </summary>
internal sealed class FlushLog
{
    private readonly List<long> _losses = [];

    // By era: the latest start of a flush that was acknowledged in it; every write answered before that is
    // durable.
    private readonly List<long> _flushedUpTo = [long.MinValue];

    /// <summary>The moments of loss, rising.</summary>
    internal IReadOnlyList<long> Losses => _losses;

    /// <summary>The era of now; the first is 0.</summary>
    internal int Era => _losses.Count;

    internal void AddLoss(long at)
    {
        _losses.Add(at);
        _flushedUpTo.Add(long.MinValue);
    }

    /// <summary>
    /// A flush that is acknowledged now; one that began in an era before counts for nothing.
    /// </summary>
    internal void AddFlush(long start)
    {
        if (EraOf(start) == Era)
        {
            _flushedUpTo[Era] = Math.Max(_flushedUpTo[Era], start);
        }
    }

    /// <summary>The era in which that moment lies; a loss begins a new one.</summary>
    internal int EraOf(long moment)
    {
        int era = 0;
        while (era < _losses.Count && _losses[era] <= moment)
        {
            era++;
        }

        return era;
    }

    /// <summary>True when an acknowledged flush was sent in this era.</summary>
    internal bool HasFlush(int era) => _flushedUpTo[era] != long.MinValue;

    /// <summary>
    /// True when the write was acknowledged and then flushed, or was durable by itself (FUA).
    /// </summary>
    internal bool IsFlushed(LoggedWrite write) =>
        write.IsAcknowledged && (write.IsDurable || write.End <= _flushedUpTo[EraOf(write.End)]);

    /// <summary>True when the write is acknowledged and no loss since can have taken it.</summary>
    internal bool Holds(LoggedWrite write) =>
        write.IsAcknowledged && (EraOf(write.End) == Era || IsFlushed(write));
}
