using FsCheck;
using FsCheck.Fluent;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Tests.Volumes;

/// <summary>The set of bytes to be reconciled (P17).</summary>
public sealed class RangeSetTests
{
    [Fact]
    public void Ranges_that_touch_become_one()
    {
        RangeSet set = new();
        set.Add(0, 10);
        set.Add(20, 10);
        set.Add(10, 10);

        Assert.Equal(1, set.Count);
        Assert.Equal(30, set.LengthBytes);
    }

    [Fact]
    public void Taking_out_the_middle_leaves_both_ends()
    {
        RangeSet set = new();
        set.Add(0, 30);
        set.Remove(10, 10);

        Assert.Equal(2, set.Count);
        Assert.True(set.Overlaps(9, 1));
        Assert.False(set.Overlaps(10, 10));
        Assert.True(set.Overlaps(20, 1));
        Assert.True(set.Overlaps(0, 30));
    }

    [Fact]
    public void Any_history_goes_as_in_a_set_of_bytes() =>
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue - 1).ListOf().ToArbitrary(),
            static numbers => GoesAsInASetOfBytes([.. numbers]))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static bool GoesAsInASetOfBytes(int[] numbers)
    {
        RangeSet set = new();
        HashSet<long> bytes = [];
        foreach (int number in numbers)
        {
            long offset = number / 3 % 60;
            long length = 1 + (number / 180 % 20);
            IEnumerable<long> range =
                Enumerable.Range((int)offset, (int)length).Select(static one => (long)one);
            if (number % 3 == 0)
            {
                set.Remove(offset, length);
                bytes.ExceptWith(range);
            }
            else
            {
                set.Add(offset, length);
                bytes.UnionWith(range);
            }

            int runs = bytes.Count(one => !bytes.Contains(one - 1));
            bool isEqual = set.LengthBytes == bytes.Count && set.IsEmpty == (bytes.Count == 0)
                && set.Count == runs
                && Enumerable.Range(0, 90).All(one => set.Overlaps(one, 1) == bytes.Contains(one))
                && Enumerable.Range(0, 80).All(one =>
                    set.Overlaps(one, 5) == Enumerable.Range(one, 5).Any(other => bytes.Contains(other)));
            if (!isEqual)
            {
                return false;
            }
        }

        return true;
    }

    [Fact]
    public void The_first_part_of_a_range_that_is_in_the_set_is_found()
    {
        RangeSet set = new();
        set.Add(10, 10);
        set.Add(30, 10);

        Assert.True(set.TryFindIn(15, 100, out long offset, out long length));
        Assert.Equal((15L, 5L), (offset, length));
        Assert.True(set.TryFindIn(20, 12, out offset, out length));
        Assert.Equal((30L, 2L), (offset, length));
        Assert.False(set.TryFindIn(20, 10, out _, out _));
        Assert.False(set.TryFindIn(15, 0, out _, out _));
    }

    [Fact]
    public void Past_the_limit_the_nearest_ranges_are_joined_and_none_is_lost()
    {
        RangeSet set = new();
        for (int i = 0; i <= RangeSet.RangesMax; i++)
        {
            set.Add(i * 100L, i < 1000 ? 10 : 90);
        }

        Assert.InRange(set.Count, 1, RangeSet.RangesMax);
        Assert.False(set.Overlaps(10, 90));
        Assert.True(set.Overlaps(500_090, 10));
        for (int i = 0; i <= RangeSet.RangesMax; i++)
        {
            Assert.True(set.Overlaps(i * 100L, 1));
        }
    }
}
