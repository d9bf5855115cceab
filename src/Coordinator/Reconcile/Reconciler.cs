using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Reconcile;

/// <summary>
/// The one set of what is to be reconciled (P17), and which part of it is next. Ranges leave it when they
/// have been reconciled or written anew, on every Synced child.
/// </summary>
internal sealed class Reconciler(long sizeBytes)
{
    /// <summary>Ranges that are reconciled at a time.</summary>
    internal const int UnderWayMax = 16;

    private const int RegionLengthBytes = RequestLimits.RegionLengthBytes;
    private const int BlockLengthBytes = RequestLimits.BlockLengthBytes;

    /// <summary>Everything that may differ between the children.</summary>
    private readonly RangeSet _all = new();

    /// <summary>Of that, what no request is under way for.</summary>
    private readonly RangeSet _pending = new();

    private int _underWay;

    /// <summary>True when nothing is to be reconciled.</summary>
    internal bool IsEmpty => _all.IsEmpty;

    internal long LengthBytes => _all.LengthBytes;

    /// <summary>
    /// No checkpoint passes it (P16): one below the first failed write, 0 after a takeover that found
    /// something, no limit while the set is empty.
    /// </summary>
    internal ulong CheckpointMax { get; private set; } = ulong.MaxValue;

    /// <summary>True while another range may be started.</summary>
    internal bool HasNext => _underWay < UnderWayMax && !_pending.IsEmpty;

    internal bool Overlaps((long OffsetBytes, long LengthBytes) range) =>
        !_all.IsEmpty && _all.Overlaps(range.OffsetBytes, range.LengthBytes);

    /// <summary>The first part of a range that is in the set; false when none is.</summary>
    internal bool TryFindIn(
        (long OffsetBytes, long LengthBytes) range, out (long OffsetBytes, long LengthBytes) found)
    {
        bool isFound = _all.TryFindIn(
            range.OffsetBytes, range.LengthBytes, out long offsetBytes, out long lengthBytes);
        found = (offsetBytes, lengthBytes);
        return isFound;
    }

    /// <summary>A takeover has found these; nothing below them may be called complete.</summary>
    internal void TakeOver(RangeSet found)
    {
        _all.AddAll(found);
        _pending.AddAll(found);
        CheckpointMax = _all.IsEmpty ? ulong.MaxValue : 0;
    }

    /// <summary>A write with this stamp may stand on some children only.</summary>
    internal void AddFailed((long OffsetBytes, long LengthBytes) range, ulong stamp)
    {
        _all.Add(range.OffsetBytes, range.LengthBytes);
        _pending.Add(range.OffsetBytes, range.LengthBytes);
        CheckpointMax = Math.Min(CheckpointMax, stamp - 1);
    }

    /// <summary>Every Synced child has the same bytes there.</summary>
    internal void Remove((long OffsetBytes, long LengthBytes) range)
    {
        if (_all.IsEmpty)
        {
            return;
        }

        _all.Remove(range.OffsetBytes, range.LengthBytes);
        _pending.Remove(range.OffsetBytes, range.LengthBytes);
        if (_all.IsEmpty)
        {
            CheckpointMax = ulong.MaxValue;
        }
    }

    /// <summary>
    /// The next range to be reconciled, within the wanted ones if anything of them is left, else in order.
    /// It counts as under way from here on.
    /// </summary>
    internal ReconcileRange? TakeNext(IEnumerable<(long OffsetBytes, long LengthBytes)> wanted)
    {
        if (!HasNext)
        {
            return null;
        }

        foreach ((long offsetBytes, long lengthBytes) in wanted)
        {
            if (_pending.TryFindIn(offsetBytes, lengthBytes, out long found, out _))
            {
                return TakeRegionAt(found);
            }
        }

        return _pending.TryFindIn(0, sizeBytes, out long first, out _) ? TakeRegionAt(first) : null;
    }

    /// <summary>The blocks of a range that are in the set now, as bits; 0 when none is.</summary>
    internal int BlocksOf(ReconcileRange range)
    {
        int blocks = 0;
        for (int block = 0; block * BlockLengthBytes < range.LengthBytes; block++)
        {
            (long offsetBytes, int lengthBytes) = BlockRange(range, block);
            blocks |= _all.Overlaps(offsetBytes, lengthBytes) ? 1 << block : 0;
        }

        return blocks;
    }

    /// <summary>A range that was taken is not reconciled after all: nothing was written for it.</summary>
    internal void GiveBack(ReconcileRange range)
    {
        _underWay--;
        long position = range.OffsetBytes;
        long end = range.OffsetBytes + range.LengthBytes;
        while (_all.TryFindIn(position, end - position, out long offsetBytes, out long lengthBytes))
        {
            _pending.Add(offsetBytes, lengthBytes);
            position = offsetBytes + lengthBytes;
        }
    }

    /// <summary>A range that was taken has been dealt with.</summary>
    /// <param name="range">What was taken.</param>
    /// <param name="blocks">Its blocks that were looked at, as bits.</param>
    /// <param name="stamp">The stamp of what may have been written.</param>
    /// <param name="applied">False: it may stand on some children only.</param>
    internal void OnEnded(ReconcileRange range, int blocks, ulong stamp, bool applied)
    {
        _underWay--;
        for (int block = 0; block * BlockLengthBytes < range.LengthBytes; block++)
        {
            if ((blocks & (1 << block)) == 0)
            {
                continue;
            }

            if (applied)
            {
                Remove(BlockRange(range, block));
            }
            else
            {
                AddFailed(BlockRange(range, block), stamp);
            }
        }
    }

    private static (long OffsetBytes, int LengthBytes) BlockRange(ReconcileRange range, int block)
    {
        int start = block * BlockLengthBytes;
        return (range.OffsetBytes + start, Math.Min(BlockLengthBytes, range.LengthBytes - start));
    }

    /// <summary>Takes what is pending in the region of a byte, from its first block to its last.</summary>
    private ReconcileRange TakeRegionAt(long position)
    {
        long region = position / RegionLengthBytes * RegionLengthBytes;
        long regionEnd = Math.Min(region + RegionLengthBytes, sizeBytes);
        long first = -1;
        long end = region;
        while (_pending.TryFindIn(end, regionEnd - end, out long offsetBytes, out long lengthBytes))
        {
            first = first < 0 ? offsetBytes : first;
            end = offsetBytes + lengthBytes;
        }

        _pending.Remove(first, end - first);
        _underWay++;
        long start = first / BlockLengthBytes * BlockLengthBytes;
        long alignedEnd = (end + BlockLengthBytes - 1) / BlockLengthBytes * BlockLengthBytes;
        return new ReconcileRange(start, (int)(Math.Min(alignedEnd, sizeBytes) - start));
    }
}
