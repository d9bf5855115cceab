namespace Replication.Coordinator.Volumes;

/// <summary>
/// A set of bytes of a volume, kept as sorted ranges that neither touch nor overlap. Past
/// <see cref="RangesMax"/> ranges the nearest neighbours are joined: the set only grows by that, and whoever
/// uses it must be content with a superset.
/// </summary>
public sealed class RangeSet
{
    /// <summary>Most ranges that are kept apart.</summary>
    public const int RangesMax = 65_536;

    private readonly List<(long Start, long End)> _ranges = [];

    /// <summary>True when no byte is in the set.</summary>
    public bool IsEmpty => _ranges.Count == 0;

    /// <summary>Ranges that the set is made of.</summary>
    public int Count => _ranges.Count;

    /// <summary>Bytes in the set.</summary>
    public long LengthBytes
    {
        get
        {
            long sum = 0;
            foreach ((long start, long end) in _ranges)
            {
                sum += end - start;
            }

            return sum;
        }
    }

    /// <summary>Adds [offset, offset + length).</summary>
    public void Add(long offsetBytes, long lengthBytes)
    {
        long start = offsetBytes;
        long end = offsetBytes + lengthBytes;
        int first = FirstEndingAtOrAfter(start);
        int last = first;
        while (last < _ranges.Count && _ranges[last].Start <= end)
        {
            start = Math.Min(start, _ranges[last].Start);
            end = Math.Max(end, _ranges[last].End);
            last++;
        }

        _ranges.RemoveRange(first, last - first);
        _ranges.Insert(first, (start, end));
        if (_ranges.Count > RangesMax)
        {
            JoinNearOnes();
        }
    }

    /// <summary>Adds every range of another set.</summary>
    public void AddAll(RangeSet other)
    {
        foreach ((long start, long end) in other._ranges)
        {
            Add(start, end - start);
        }
    }

    /// <summary>Takes [offset, offset + length) out.</summary>
    public void Remove(long offsetBytes, long lengthBytes)
    {
        long start = offsetBytes;
        long end = offsetBytes + lengthBytes;
        int index = FirstEndingAtOrAfter(start);
        while (index < _ranges.Count && _ranges[index].Start < end)
        {
            (long rangeStart, long rangeEnd) = _ranges[index];
            if (rangeEnd <= start)
            {
                index++;
                continue;
            }

            _ranges.RemoveAt(index);
            if (rangeStart < start)
            {
                _ranges.Insert(index++, (rangeStart, start));
            }

            if (rangeEnd > end)
            {
                _ranges.Insert(index++, (end, rangeEnd));
            }
        }
    }

    /// <summary>True when any byte of [offset, offset + length) is in the set.</summary>
    public bool Overlaps(long offsetBytes, long lengthBytes) =>
        TryFindIn(offsetBytes, lengthBytes, out _, out _);

    /// <summary>The first part of [offset, offset + length) that is in the set; false when none is.</summary>
    public bool TryFindIn(
        long offsetBytes, long lengthBytes, out long foundOffsetBytes, out long foundLengthBytes)
    {
        int index = FirstEndingAtOrAfter(offsetBytes + 1);
        if (lengthBytes <= 0 || index >= _ranges.Count
            || _ranges[index].Start >= offsetBytes + lengthBytes)
        {
            foundOffsetBytes = 0;
            foundLengthBytes = 0;
            return false;
        }

        foundOffsetBytes = Math.Max(offsetBytes, _ranges[index].Start);
        foundLengthBytes = Math.Min(offsetBytes + lengthBytes, _ranges[index].End) - foundOffsetBytes;
        return true;
    }

    /// <summary>
    /// Halves the number of ranges, the smallest gaps first: rare, so its cost is spread over many additions.
    /// </summary>
    private void JoinNearOnes()
    {
        long[] gaps = new long[_ranges.Count - 1];
        for (int index = 0; index < gaps.Length; index++)
        {
            gaps[index] = _ranges[index + 1].Start - _ranges[index].End;
        }

        Array.Sort(gaps);
        long gapMax = gaps[gaps.Length / 2];
        int kept = 0;
        for (int index = 1; index < _ranges.Count; index++)
        {
            if (_ranges[index].Start - _ranges[kept].End <= gapMax)
            {
                _ranges[kept] = (_ranges[kept].Start, _ranges[index].End);
            }
            else
            {
                _ranges[++kept] = _ranges[index];
            }
        }

        _ranges.RemoveRange(kept + 1, _ranges.Count - kept - 1);
    }

    private int FirstEndingAtOrAfter(long position)
    {
        int low = 0;
        int high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_ranges[middle].End < position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
