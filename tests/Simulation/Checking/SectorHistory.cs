namespace Replication.Simulation.Checking;

/// <summary>
/// The history of one sector, a register whose writes all have different values, and whether it is
/// linearizable: whether every operation can have happened at one instant between its start and its end.
/// Decided by the zones of Gibbons and Korach (Testing Shared Memories, SIAM J. Comput. 26, 1997): the
/// operations with one value, the write and its reads, span from the earliest end to the latest start among
/// them. Where that is forwards in time the value was surely there in between; two such spans must not
/// overlap, and none may contain a value that came and went.
/// </summary>
/// <remarks>
/// A write that failed or was never answered may have happened at any time from its start on, or never: it
/// counts when something read its value. Zeroes are no value of this kind, since several writes make them: a
/// read of zeroes needs a zeroing, or the beginning, that no write surely replaced.
/// </remarks>
internal sealed class SectorHistory
{
    private readonly Dictionary<long, Zone> _zones = [];
    private readonly List<(long Start, long End, bool Acknowledged)> _zeroings = [];
    private readonly List<(long Start, long End)> _zeroReads = [];
    private readonly List<(long Start, long End)> _writes = [];

    /// <param name="zeroSince">Since when it was all zeroes; null: it began with something else.</param>
    internal SectorHistory(long? zeroSince)
    {
        if (zeroSince is long since)
        {
            _zeroings.Add((since, since, true));
        }
    }

    /// <summary>A write of a value, 1 or more, that no other write writes.</summary>
    internal void AddWrite(long value, long start, long end, bool acknowledged)
    {
        Zone zone = ZoneOf(value);
        zone.HasWrite = true;
        zone.WriteStart = start;
        zone.LatestStart = Math.Max(zone.LatestStart, start);
        if (acknowledged)
        {
            zone.EarliestEnd = Math.Min(zone.EarliestEnd, end);
            zone.Counts = true;
            _writes.Add((start, end));
        }
    }

    /// <summary>A write of zeroes.</summary>
    internal void AddZeroing(long start, long end, bool acknowledged) =>
        _zeroings.Add((start, end, acknowledged));

    /// <summary>A read that was answered with a value; 0 is zeroes.</summary>
    internal void AddRead(long value, long start, long end)
    {
        if (value == 0)
        {
            _zeroReads.Add((start, end));
            return;
        }

        Zone zone = ZoneOf(value);
        zone.Counts = true;
        zone.EarliestEnd = Math.Min(zone.EarliestEnd, end);
        zone.LatestStart = Math.Max(zone.LatestStart, start);
        zone.EarliestReadEnd = Math.Min(zone.EarliestReadEnd, end);
    }

    /// <summary>Why the history is not linearizable, or null.</summary>
    internal string? FindViolation()
    {
        List<(long Value, Zone Zone)> counted =
        [
            .. _zones.Where(static entry => entry.Value.Counts)
                .Select(static entry => (entry.Key, entry.Value)),
        ];
        foreach ((long value, Zone zone) in counted)
        {
            if (!zone.HasWrite || zone.EarliestReadEnd < zone.WriteStart)
            {
                return $"write {value} was read before anybody wrote it";
            }
        }

        return FindOverlap(counted) ?? FindZeroViolation(counted);
    }

    private static string? FindOverlap(List<(long Value, Zone Zone)> counted)
    {
        List<(long Value, Zone Zone)> forward =
        [
            .. counted.Where(static entry => entry.Zone.IsForward)
                .OrderBy(static entry => entry.Zone.EarliestEnd),
        ];
        for (int i = 1; i < forward.Count; i++)
        {
            if (forward[i].Zone.EarliestEnd < forward[i - 1].Zone.LatestStart)
            {
                return $"write {forward[i - 1].Value} was there until {forward[i - 1].Zone.LatestStart}, "
                    + $"and write {forward[i].Value} from {forward[i].Zone.EarliestEnd} on";
            }
        }

        foreach ((long value, Zone zone) in counted)
        {
            foreach ((long outerValue, Zone outer) in forward)
            {
                if (!zone.IsForward && zone.LatestStart > outer.EarliestEnd
                    && zone.EarliestEnd < outer.LatestStart)
                {
                    return $"write {value} came and went while write {outerValue} was there";
                }
            }
        }

        return null;
    }

    private string? FindZeroViolation(List<(long Value, Zone Zone)> counted)
    {
        foreach ((long readStart, long readEnd) in _zeroReads)
        {
            bool possible = _zeroings.Exists(zeroing => zeroing.Start < readEnd && !_writes.Exists(write =>
                zeroing.Acknowledged && write.Start > zeroing.End && write.End < readStart));
            if (!possible)
            {
                return $"zeroes were read at {readStart} to {readEnd}, all of them surely replaced before";
            }

            foreach ((long value, Zone zone) in counted)
            {
                if (zone.IsForward && readStart > zone.EarliestEnd && readEnd < zone.LatestStart)
                {
                    return $"zeroes were read at {readStart} to {readEnd}, while write {value} was there";
                }
            }
        }

        return null;
    }

    private Zone ZoneOf(long value)
    {
        if (!_zones.TryGetValue(value, out Zone? zone))
        {
            zone = new Zone();
            _zones.Add(value, zone);
        }

        return zone;
    }

    private sealed class Zone
    {
        internal bool Counts { get; set; }

        internal bool HasWrite { get; set; }

        internal long WriteStart { get; set; }

        internal long EarliestEnd { get; set; } = long.MaxValue;

        internal long LatestStart { get; set; } = long.MinValue;

        internal long EarliestReadEnd { get; set; } = long.MaxValue;

        internal bool IsForward => EarliestEnd < LatestStart;
    }
}
