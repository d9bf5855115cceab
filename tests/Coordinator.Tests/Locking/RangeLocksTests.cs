using FsCheck;
using FsCheck.Fluent;
using Replication.Coordinator.Locking;

namespace Replication.Coordinator.Tests.Locking;

/// <summary>Overlapping requests are served in arrival order; others run side by side.</summary>
public sealed class RangeLocksTests
{
    private const long Zone = 4L << 20;

    private readonly RangeLocks _locks = new();
    private readonly List<RangeLock> _granted = [];

    [Fact]
    public void Shared_locks_of_one_range_are_held_together()
    {
        Assert.True(_locks.Acquire(new RangeLock(0, 10, exclusive: false)));
        Assert.True(_locks.Acquire(new RangeLock(0, 10, exclusive: false)));
    }

    [Fact]
    public void Exclusive_locks_that_only_touch_are_held_together()
    {
        Assert.True(_locks.Acquire(new RangeLock(0, 10, exclusive: true)));
        Assert.True(_locks.Acquire(new RangeLock(10, 10, exclusive: true)));
    }

    [Fact]
    public void A_shared_lock_waits_behind_an_exclusive_one_that_waits_itself()
    {
        RangeLock reader = new(0, 10, exclusive: false);
        RangeLock writer = new(5, 10, exclusive: true);
        RangeLock late = new(12, 10, exclusive: false);

        Assert.True(_locks.Acquire(reader));
        Assert.False(_locks.Acquire(writer));
        Assert.False(_locks.Acquire(late));
        Assert.Equal((3, 2), (_locks.Count, _locks.WaitingCount));
        _locks.Release(reader, _granted);
        Assert.Equal([writer], _granted);
        _granted.Clear();
        Assert.Equal((2, 1), (_locks.Count, _locks.WaitingCount));
        _locks.Release(writer, _granted);
        Assert.Equal([late], _granted);
        Assert.Equal((1, 0), (_locks.Count, _locks.WaitingCount));
    }

    [Fact]
    public void Those_set_free_together_are_granted_oldest_first()
    {
        RangeLock wide = new(0, 10 * Zone, exclusive: true);
        RangeLock[] waiting =
            [.. Enumerable.Range(0, 10).Select(static i => new RangeLock((9 - i) * Zone, 10, true))];

        Assert.True(_locks.Acquire(wide));
        Assert.All(waiting, one => Assert.False(_locks.Acquire(one)));
        _locks.Release(wide, _granted);

        Assert.Equal(waiting, _granted);
    }

    [Fact]
    public void A_lock_over_more_zones_than_are_filed_keeps_the_order_with_narrow_ones()
    {
        RangeLock narrow = new(30 * Zone, 10, exclusive: true);
        RangeLock wide = new(0, 1000 * Zone, exclusive: true);
        RangeLock later = new(31 * Zone, 10, exclusive: false);

        Assert.True(_locks.Acquire(narrow));
        Assert.False(_locks.Acquire(wide));
        Assert.False(_locks.Acquire(later));
        _locks.Release(narrow, _granted);
        Assert.Equal([wide], _granted);
        _locks.Release(wide, _granted);
        Assert.Equal([wide, later], _granted);
    }

    [Fact]
    public void A_waiting_lock_cannot_be_released_nor_one_be_acquired_twice()
    {
        RangeLock held = new(0, 10, exclusive: true);
        RangeLock waiting = new(0, 10, exclusive: true);
        _locks.Acquire(held);
        _locks.Acquire(waiting);

        Assert.Throws<InvalidOperationException>(() => _locks.Release(waiting, _granted));
        Assert.Throws<InvalidOperationException>(() => _locks.Acquire(held));
    }

    [Fact]
    public void Any_history_goes_as_in_a_plain_list_and_everything_is_granted_in_the_end() =>
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue - 1).ListOf().ToArbitrary(),
            static numbers => GoesAsInAList([.. numbers]))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    /// <summary>The list: a lock is granted while no earlier one in it conflicts.</summary>
    private static bool GoesAsInAList(int[] numbers)
    {
        RangeLocks locks = new();
        List<RangeLock> list = [];
        HashSet<RangeLock> granted = [];
        foreach (int number in numbers)
        {
            if (number % 5 < 3)
            {
                RangeLock wanted = AnyLock(number / 5);
                list.Add(wanted);
                if (locks.Acquire(wanted))
                {
                    granted.Add(wanted);
                }
            }
            else if (granted.Count > 0)
            {
                RangeLock held = list.Where(granted.Contains).ElementAt(number / 5 % granted.Count);
                Release(locks, list, granted, held);
            }

            if (!IsAsInList(list, granted))
            {
                return false;
            }
        }

        while (list.Count > 0)
        {
            if (!IsAsInList(list, granted))
            {
                return false;
            }

            Release(locks, list, granted, list.First(granted.Contains));
        }

        return locks.Count == 0 && locks.WaitingCount == 0;
    }

    private static void Release(
        RangeLocks locks, List<RangeLock> list, HashSet<RangeLock> granted, RangeLock held)
    {
        List<RangeLock> next = [];
        locks.Release(held, next);
        list.Remove(held);
        granted.Remove(held);
        Assert.Equal(next.OrderBy(list.IndexOf), next);
        Assert.All(next, one => Assert.True(granted.Add(one)));
    }

    private static bool IsAsInList(List<RangeLock> list, HashSet<RangeLock> granted) =>
        list.Select((one, index) => (one, index)).All(entry =>
            granted.Contains(entry.one)
                == list.Take(entry.index).All(earlier => !Conflict(earlier, entry.one))
            && granted.Contains(entry.one) == entry.one.IsGranted);

    private static bool Conflict(RangeLock a, RangeLock b) =>
        (a.Exclusive || b.Exclusive)
        && Math.Max(a.OffsetBytes, b.OffsetBytes) < Math.Min(a.EndBytes, b.EndBytes);

    /// <summary>Small ones, ones around the edges of zones, and ones too wide to be filed by zone.</summary>
    private static RangeLock AnyLock(int number)
    {
        bool exclusive = number % 2 == 0;
        long offset = (number / 2 % 40 * (Zone / 4)) + (number / 80 % 3) - 1;
        long length = (number / 240 % 4) switch
        {
            0 => 1,
            1 => Zone / 4,
            2 => 3 * Zone,
            _ => 40 * Zone,
        };
        return new RangeLock(Math.Max(0, offset), length, exclusive);
    }
}
