using Replication.Messages;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Ranges of the changes that may not be on every Synced child (P17): those stamped at or above the highest
/// low-water mark told, and above the last checkpoint. Noting one costs nothing but its place in a ring. What
/// is joined covers more than was written, and stays until the latest of it may go; both only make more to
/// reconcile. It outlives sessions and epochs, since what one owner left under way the next has to reconcile.
/// </summary>
internal sealed class UnderWayRanges
{
    /// <summary>Most ranges remembered; at one more, near ones are joined to half as many.</summary>
    internal const int CountMax = 8192;

    private StampedRun[] _ring = new StampedRun[256];
    private int _first;
    private int _count;

    // What is stamped below is complete on every Synced child.
    private ulong _lowWater;

    internal int Count => _count;

    /// <summary>A change begins, and tells the low-water mark; 0 tells nothing.</summary>
    internal void Note(in ReplicaChange change)
    {
        Pass(change.LowWater);
        if (change.HasData && change.Stamp >= _lowWater)
        {
            Add(new StampedRun(
                change.OffsetBytes, change.OffsetBytes + change.LengthBytes, change.Stamp));
        }
    }

    /// <summary>All writes stamped below are complete on every Synced child.</summary>
    internal void Pass(ulong lowWater)
    {
        _lowWater = Math.Max(_lowWater, lowWater);
        while (_count > 0 && _ring[_first].Stamp < _lowWater)
        {
            _first = (_first + 1) & (_ring.Length - 1);
            _count--;
        }
    }

    /// <summary>A flush, or a close, says that everything up to its checkpoint is complete (P16).</summary>
    internal void PassCheckpoint(ulong checkpoint)
    {
        if (checkpoint > 0)
        {
            Pass(checkpoint == ulong.MaxValue ? checkpoint : checkpoint + 1);
        }
    }

    /// <summary>True when nothing is under way. Looks behind the first one as well.</summary>
    internal bool IsEmpty()
    {
        Refill(Remaining());
        return _count == 0;
    }

    /// <summary>What may be under way, rising, at most <see cref="ReplicaOpened.UnderWayMax"/>.</summary>
    internal IReadOnlyList<ByteRange> List()
    {
        List<StampedRun> runs = Remaining();
        RangeJoiner.Join(runs, ReplicaOpened.UnderWayMax);
        return runs.ConvertAll(static run => new ByteRange(run.Start, run.End - run.Start));
    }

    private void Add(in StampedRun run)
    {
        if (_count == CountMax)
        {
            List<StampedRun> runs = Remaining();
            RangeJoiner.Join(runs, CountMax / 2);

            // The earliest go first again.
            runs.Sort(static (one, other) => (one.Stamp, one.Start).CompareTo((other.Stamp, other.Start)));
            Refill(runs);
        }
        else if (_count == _ring.Length)
        {
            StampedRun[] larger = new StampedRun[_ring.Length * 2];
            for (int i = 0; i < _count; i++)
            {
                larger[i] = _ring[(_first + i) & (_ring.Length - 1)];
            }

            (_ring, _first) = (larger, 0);
        }

        _ring[(_first + _count++) & (_ring.Length - 1)] = run;
    }

    /// <summary>
    /// Those not complete: a late one, such as a copy's with an old stamp, may wait behind an earlier one.
    /// </summary>
    private List<StampedRun> Remaining()
    {
        List<StampedRun> runs = new(_count);
        for (int i = 0; i < _count; i++)
        {
            StampedRun run = _ring[(_first + i) & (_ring.Length - 1)];
            if (run.Stamp >= _lowWater)
            {
                runs.Add(run);
            }
        }

        return runs;
    }

    private void Refill(List<StampedRun> runs)
    {
        runs.CopyTo(_ring);
        (_first, _count) = (0, runs.Count);
    }
}
