using Replication.Actors.Disk;

namespace Replication.Coordinator.Voting;

/// <summary>The vote on block status, as a pure function.</summary>
public static class ExtentVote
{
    /// <summary>
    /// Merges the children's extents: a hole where at least <paramref name="readQuorum"/> of them say hole
    /// and none says data. Where the answers of the children end before the range does, the result ends too;
    /// it is never empty.
    /// </summary>
    /// <param name="answers">In order and without gaps from the offset on; null for a child that gave
    /// none. What is not like that counts as none.</param>
    /// <param name="readQuorum">q.</param>
    /// <param name="offsetBytes">Where the range starts.</param>
    /// <param name="lengthBytes">How long it is, at least 1.</param>
    public static IReadOnlyList<DiskExtent> Merge(
        ReadOnlySpan<IReadOnlyList<DiskExtent>?> answers, int readQuorum, long offsetBytes, long lengthBytes)
    {
        List<IReadOnlyList<DiskExtent>> given = [];
        long end = offsetBytes + lengthBytes;
        foreach (IReadOnlyList<DiskExtent>? answer in answers)
        {
            if (answer is not null && IsWellFormed(answer, offsetBytes))
            {
                given.Add(answer);
                end = Math.Min(end, answer[^1].OffsetBytes + answer[^1].LengthBytes);
            }
        }

        if (given.Count < readQuorum || end <= offsetBytes)
        {
            return [new DiskExtent(offsetBytes, lengthBytes, IsHole: false)];
        }

        List<DiskExtent> merged = [];
        int[] cursors = new int[given.Count];
        for (long position = offsetBytes; position < end;)
        {
            bool hole = true;
            long next = end;
            for (int i = 0; i < given.Count; i++)
            {
                DiskExtent extent = Seek(given[i], ref cursors[i], position);
                hole &= extent.IsHole;
                next = Math.Min(next, extent.OffsetBytes + extent.LengthBytes);
            }

            Append(merged, new DiskExtent(position, next - position, hole));
            position = next;
        }

        return merged;
    }

    /// <summary>In order and without gaps from the offset on: anything else is no answer.</summary>
    private static bool IsWellFormed(IReadOnlyList<DiskExtent> extents, long offsetBytes)
    {
        long next = offsetBytes;
        foreach (DiskExtent extent in extents)
        {
            if (extent.OffsetBytes != next || extent.LengthBytes <= 0
                || extent.LengthBytes > long.MaxValue - next)
            {
                return false;
            }

            next += extent.LengthBytes;
        }

        return next > offsetBytes;
    }

    private static DiskExtent Seek(IReadOnlyList<DiskExtent> extents, ref int cursor, long position)
    {
        while (extents[cursor].OffsetBytes + extents[cursor].LengthBytes <= position)
        {
            cursor++;
        }

        return extents[cursor];
    }

    private static void Append(List<DiskExtent> merged, DiskExtent extent)
    {
        if (merged.Count > 0 && merged[^1].IsHole == extent.IsHole)
        {
            merged[^1] = merged[^1] with { LengthBytes = merged[^1].LengthBytes + extent.LengthBytes };
        }
        else
        {
            merged.Add(extent);
        }
    }
}
