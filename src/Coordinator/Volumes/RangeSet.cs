namespace Replication.Coordinator.Volumes;

/// <summary>A set of bytes of a volume, kept as sorted ranges that neither touch nor overlap.</summary>
public sealed class RangeSet
{
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
    public bool Overlaps(long offsetBytes, long lengthBytes)
    {
        int index = FirstEndingAtOrAfter(offsetBytes + 1);
        return index < _ranges.Count && _ranges[index].Start < offsetBytes + lengthBytes;
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
