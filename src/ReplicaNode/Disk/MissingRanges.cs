namespace Replication.ReplicaNode.Disk;

/// <summary>
/// What a file lost when somebody cut it while it was in use, less what was written there since. A later
/// write behind the cut makes the file long again, and the hole in between would read as zeroes that nobody
/// wrote: two files cut alike would outvote the one that is whole. Any thread.
/// </summary>
internal sealed class MissingRanges
{
    /// <summary>Most pieces; a write that would make one more leaves its range missing.</summary>
    internal const int PiecesMax = 16_384;

    private readonly Lock _gate = new();

    // In order, apart from each other, none empty.
    private readonly List<(long Start, long End)> _pieces = [];

    /// <summary>Everything from start to end is missing.</summary>
    internal void Add(long start, long end)
    {
        lock (_gate)
        {
            int at = _pieces.FindIndex(piece => piece.End >= start);
            at = at < 0 ? _pieces.Count : at;
            int count = 0;
            while (at + count < _pieces.Count && _pieces[at + count].Start <= end)
            {
                start = Math.Min(start, _pieces[at + count].Start);
                end = Math.Max(end, _pieces[at + count].End);
                count++;
            }

            _pieces.RemoveRange(at, count);
            _pieces.Insert(at, (start, end));
        }
    }

    /// <summary>The range was written whole.</summary>
    internal void Fill(long start, long end)
    {
        lock (_gate)
        {
            for (int i = _pieces.Count - 1; i >= 0 && _pieces[i].End > start; i--)
            {
                (long pieceStart, long pieceEnd) = _pieces[i];
                bool isSplit = pieceStart < start && pieceEnd > end;
                if (pieceStart >= end || (isSplit && _pieces.Count >= PiecesMax))
                {
                    continue;
                }

                _pieces.RemoveAt(i);
                if (pieceEnd > end)
                {
                    _pieces.Insert(i, (end, pieceEnd));
                }

                if (pieceStart < start)
                {
                    _pieces.Insert(i, (pieceStart, start));
                }
            }
        }
    }

    /// <summary>True when a byte of the range is missing.</summary>
    internal bool Touches(long start, long end)
    {
        lock (_gate)
        {
            return _pieces.Exists(piece => piece.Start < end && piece.End > start);
        }
    }
}
