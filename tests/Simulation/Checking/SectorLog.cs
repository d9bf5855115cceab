namespace Replication.Simulation.Checking;

/// <summary>
/// What clients did to one sector and what they were told. Era by era (<see cref="FlushLog"/>) the history
/// has to be linearizable; an era begins with one value, the same for everybody, that is not behind what was
/// flushed before it.
/// </summary>
internal sealed class SectorLog
{
    private readonly List<LoggedWrite> _writes = [];
    private readonly List<(long Value, long Start, long End)> _reads = [];

    internal SectorLog()
    {
        LoggedWrite beginning = new(value: 0, start: -1);
        beginning.Acknowledge(end: -1, durable: true);
        _writes.Add(beginning);
    }

    /// <summary>True when some write of it was not acknowledged.</summary>
    internal bool HasFailedWrite => _writes.Exists(static write => !write.IsAcknowledged);

    internal void Add(LoggedWrite write) => _writes.Add(write);

    /// <summary>A read that was answered with a value; 0 is zeroes.</summary>
    internal void AddRead(long value, long start, long end) => _reads.Add((value, start, end));

    /// <summary>
    /// Why a copy with this value is behind, or null: an acknowledged write, that no loss can have taken,
    /// surely replaced it, or nobody ever wrote it.
    /// </summary>
    /// <param name="value">What the copy has.</param>
    /// <param name="flushes">Which writes no loss can have taken.</param>
    /// <param name="counts">Which acknowledged writes the copy has to have.</param>
    internal string? WhyBehind(long value, FlushLog flushes, Predicate<LoggedWrite> counts)
    {
        LoggedWrite? newer = null;
        foreach (LoggedWrite write in _writes)
        {
            if (write.Value != value)
            {
                continue;
            }

            newer = _writes.Find(other => write.IsBefore(other) && flushes.Holds(other) && counts(other));
            if (newer is null)
            {
                return null;
            }
        }

        return newer is null
            ? $"it has {value}, which nobody wrote"
            : $"it has write {value}, and write {newer.Value} had replaced that at {newer.End}";
    }

    /// <summary>Why the history is impossible, or null.</summary>
    internal string? FindViolation(FlushLog flushes)
    {
        // What the era may begin with; before the first one is nothing but zeroes.
        List<LoggedWrite> candidates = [_writes[0]];
        for (int era = 0; era <= flushes.Era; era++)
        {
            (long, long) span = (
                era == 0 ? -1 : flushes.Losses[era - 1],
                era == flushes.Era ? long.MaxValue : flushes.Losses[era]);
            if (FindViolation(flushes, era, span, ref candidates) is string violation)
            {
                return flushes.Era == 0 ? violation : $"{violation} (after loss {era} of {flushes.Era})";
            }
        }

        return null;
    }

    private string? FindViolation(
        FlushLog flushes, int era, (long From, long To) span, ref List<LoggedWrite> candidates)
    {
        List<(long Value, long Start, long End)> reads =
            [.. _reads.Where(read => flushes.EraOf(read.Start) == era)];
        LoggedWrite? first = null;
        foreach ((long value, _, _) in reads)
        {
            LoggedWrite? old = value == 0 ? null : _writes.Find(write => write.Value == value
                && write.IsAcknowledged && flushes.EraOf(write.Start) < era);
            if (old is null || ReferenceEquals(old, first))
            {
                continue;
            }

            if (first is not null)
            {
                return $"writes {first.Value} and {old.Value} of before were both read";
            }

            if (!candidates.Contains(old))
            {
                return $"write {old.Value} was read, and was replaced and flushed, or gone, before (I2)";
            }

            first = old;
        }

        bool zeroAtFirst = first is null && candidates.Exists(static write => write.Value == 0);
        if (HistoryOf(flushes, era, span, reads, first, zeroAtFirst).FindViolation() is string violation)
        {
            return violation;
        }

        candidates = NextCandidates(flushes, era, candidates, first);
        return null;
    }

    private SectorHistory HistoryOf(
        FlushLog flushes,
        int era,
        (long From, long To) span,
        List<(long Value, long Start, long End)> reads,
        LoggedWrite? first,
        bool zeroAtFirst)
    {
        SectorHistory history = new(zeroAtFirst ? span.From : null);
        if (first is not null)
        {
            history.AddWrite(first.Value, span.From, span.From, acknowledged: true);
        }

        // The beginning is in what the era begins with.
        foreach (LoggedWrite write in _writes.Skip(1))
        {
            int begun = flushes.EraOf(write.Start);
            if (begun > era || (begun < era && write.IsAcknowledged))
            {
                continue;
            }

            // What was sent in an era belongs to it, whenever the answer came: an owner that was deposed
            // meanwhile may be late in passing on what its replicas did before.
            long end = Math.Min(write.End, span.To);
            if (write.Value == 0)
            {
                history.AddZeroing(write.Start, end, write.IsAcknowledged);
            }
            else
            {
                history.AddWrite(write.Value, write.Start, end, write.IsAcknowledged);
            }
        }

        foreach ((long value, long start, long end) in reads)
        {
            history.AddRead(value, start, Math.Min(end, span.To));
        }

        return history;
    }

    /// <summary>
    /// What the next era may begin with: nothing that a flushed write had replaced. Where nothing was flushed
    /// in this era it may be anything that this one might have begun with; a flush alone has fixed what that
    /// was.
    /// </summary>
    private List<LoggedWrite> NextCandidates(
        FlushLog flushes, int era, List<LoggedWrite> candidates, LoggedWrite? first)
    {
        List<LoggedWrite> flushed = [.. _writes.Skip(1).Where(write =>
            flushes.EraOf(write.Start) == era && flushes.IsFlushed(write))];
        List<LoggedWrite> next = [.. _writes.Skip(1).Where(write =>
            !write.IsAcknowledged
            || (flushes.EraOf(write.Start) == era && !flushed.Exists(write.IsBefore)))];
        if (flushed.Count == 0)
        {
            IEnumerable<LoggedWrite> kept = first is not null && flushes.HasFlush(era) ? [first] : candidates;
            next.AddRange(kept.Where(static write => write.IsAcknowledged));
        }

        return next;
    }
}
