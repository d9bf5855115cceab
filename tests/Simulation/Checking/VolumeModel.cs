using Replication.Messages;

namespace Replication.Simulation.Checking;

/// <summary>
/// What clients did to a volume and what they were told, sector by sector, on the world's clock of steps.
/// </summary>
internal sealed class VolumeModel
{
    private readonly SectorLog[] _sectors;
    private readonly HashSet<int> _rotten = [];
    private readonly HashSet<long> _unreadable = [];
    private readonly SortedDictionary<int, string> _garbage = [];
    private long _lastWrite;

    internal VolumeModel()
    {
        _sectors = new SectorLog[Islands.SectorCount];
        for (int sector = 0; sector < _sectors.Length; sector++)
        {
            _sectors[sector] = new SectorLog();
        }
    }

    internal FlushLog Flushes { get; } = new();

    /// <summary>
    /// True once something happened after which bytes that one disk alone got wrong may win (I1): a takeover
    /// or the loss of an incarnation, where reconciling picks a version without a majority.
    /// </summary>
    internal bool RotMayWin { get; set; }

    /// <summary>The number of the next write.</summary>
    internal long NextWrite() => ++_lastWrite;

    /// <summary>A write, or with value 0 a zeroing, is sent.</summary>
    internal LoggedWrite Begin(long value, (int First, int Count) sectors, long start)
    {
        LoggedWrite write = new(value, start);
        for (int sector = sectors.First; sector < sectors.First + sectors.Count; sector++)
        {
            _sectors[sector].Add(write);
        }

        return write;
    }

    /// <summary>One disk got this sector wrong by itself.</summary>
    internal void AddRot(int sector) => _rotten.Add(sector);

    /// <summary>One disk cannot read this range for a while.</summary>
    internal void AddUnreadable(long offsetBytes, long lengthBytes)
    {
        const int Block = RequestLimits.BlockLengthBytes;
        for (long block = offsetBytes / Block; block * Block < offsetBytes + lengthBytes; block++)
        {
            _unreadable.Add(block);
        }
    }

    /// <summary>True where a version may lack votes because a disk was wrong, or could not read.</summary>
    internal bool MayLackVotes(long block) =>
        _unreadable.Contains(block) || _rotten.Any(sector => Islands.BlockOf(sector) == block);

    internal bool IsRotten(int sector) => _rotten.Contains(sector);

    /// <summary>Takes the bytes of an answered read.</summary>
    internal void AddRead(int first, ReadOnlySpan<byte> bytes, (long Start, long End) time)
    {
        for (int index = 0; index < bytes.Length / SectorContent.LengthBytes; index++)
        {
            int sector = first + index;
            long value = SectorContent.Decode(
                sector, bytes.Slice(index * SectorContent.LengthBytes, SectorContent.LengthBytes));
            if (value == SectorContent.Garbage)
            {
                _garbage.TryAdd(sector, $"it was read at {time.End} with bytes that nobody wrote");
            }
            else
            {
                _sectors[sector].AddRead(value, time.Start, time.End);
            }
        }
    }

    /// <summary>A sector was said to read zero.</summary>
    internal void AddHole(int sector, (long Start, long End) time) =>
        _sectors[sector].AddRead(value: 0, time.Start, time.End);

    /// <summary>
    /// Why a copy of a sector lacks an acknowledged write that counts, and that no loss can have taken; or
    /// null.
    /// </summary>
    internal string? WhyBehind(int sector, long value, Predicate<LoggedWrite> counts) =>
        _sectors[sector].WhyBehind(value, Flushes, counts) is string why ? $"sector {sector}: {why}" : null;

    /// <summary>Why some sector's history is impossible, or null.</summary>
    internal string? FindViolation()
    {
        for (int sector = 0; sector < _sectors.Length; sector++)
        {
            if (IsRotten(sector) && (RotMayWin || HasFailedWrite(Islands.BlockOf(sector))))
            {
                continue;
            }

            string? violation =
                _garbage.GetValueOrDefault(sector) ?? _sectors[sector].FindViolation(Flushes);
            if (violation is not null)
            {
                return $"I1/I2/I7: sector {sector}: {violation}";
            }
        }

        return null;
    }

    /// <summary>
    /// A write of the block failed: children may differ there, and reconciling picks a version without a
    /// majority, as after a takeover (P18).
    /// </summary>
    private bool HasFailedWrite(long block) => Enumerable.Range(0, _sectors.Length).Any(sector =>
        Islands.BlockOf(sector) == block && _sectors[sector].HasFailedWrite);
}
