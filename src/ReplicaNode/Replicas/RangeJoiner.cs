using System.Runtime.InteropServices;

namespace Replication.ReplicaNode.Replicas;

/// <summary>A run of something, from start up to end, and the largest stamp of what it was made of.</summary>
internal readonly record struct StampedRun(long Start, long End, ulong Stamp);

/// <summary>
/// Makes few runs of many, which cover all of them: what touches is joined, and where that leaves too many,
/// those with the smallest gaps between them.
/// </summary>
internal static class RangeJoiner
{
    /// <summary>
    /// Sorts the runs by their start and joins them to at most <paramref name="countMax"/>.
    /// </summary>
    internal static void Join(List<StampedRun> runs, int countMax)
    {
        runs.Sort(static (one, other) => one.Start.CompareTo(other.Start));
        JoinGaps(runs, gapMax: 0);
        int surplus = runs.Count - countMax;
        if (surplus <= 0)
        {
            return;
        }

        long[] gaps = new long[runs.Count - 1];
        for (int i = 0; i < gaps.Length; i++)
        {
            gaps[i] = runs[i + 1].Start - runs[i].End;
        }

        Array.Sort(gaps);
        JoinGaps(runs, gaps[surplus - 1]);
    }

    private static void JoinGaps(List<StampedRun> runs, long gapMax)
    {
        int last = 0;
        Span<StampedRun> all = CollectionsMarshal.AsSpan(runs);
        for (int i = 1; i < all.Length; i++)
        {
            StampedRun next = all[i];
            StampedRun before = all[last];
            if (next.Start - before.End <= gapMax)
            {
                all[last] = new StampedRun(
                    before.Start, Math.Max(before.End, next.End), Math.Max(before.Stamp, next.Stamp));
            }
            else
            {
                all[++last] = next;
            }
        }

        if (all.Length > 0)
        {
            runs.RemoveRange(last + 1, runs.Count - last - 1);
        }
    }
}
