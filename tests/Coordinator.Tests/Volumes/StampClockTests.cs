using FsCheck;
using FsCheck.Fluent;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Tests.Volumes;

/// <summary>Stamps (P6), the low-water mark (P17) and the checkpoint (P16).</summary>
public sealed class StampClockTests
{
    private const ulong Epoch7 = 7UL << 40;

    [Fact]
    public void Stamps_carry_the_epoch_above_a_counter_that_rises_from_one()
    {
        StampClock clock = new(7);

        Assert.Equal(Epoch7 + 1, clock.Take());
        Assert.Equal(Epoch7 + 2, clock.Take());
    }

    [Fact]
    public void Every_stamp_of_a_later_epoch_is_later() =>
        Assert.True(new StampClock(8).Take() > Epoch7 + StampClock.CounterMax);

    [Fact]
    public void The_low_water_mark_stays_below_the_oldest_write_under_way()
    {
        StampClock clock = new(7);
        ulong first = clock.Take();
        ulong second = clock.Take();
        ulong third = clock.Take();

        clock.Complete(second);
        Assert.Equal(first, clock.LowWater);
        Assert.Equal(first - 1, clock.Checkpoint);
        clock.Complete(first);
        Assert.Equal(third, clock.LowWater);
        clock.Complete(third);
        Assert.Equal(third, clock.Checkpoint);
    }

    [Fact]
    public void A_stamp_that_is_not_under_way_cannot_be_completed()
    {
        StampClock clock = new(7);
        ulong stamp = clock.Take();
        clock.Complete(stamp);

        Assert.Throws<InvalidOperationException>(() => clock.Complete(stamp));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData((1u << 24) - 1)]
    public void Epochs_that_no_owner_has_are_refused(uint epoch) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new StampClock(epoch));

    [Fact]
    public void Any_order_of_completion_keeps_the_checkpoint_below_what_is_under_way() =>
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue - 1).ListOf().ToArbitrary(),
            static numbers => HoldsInEveryStep([.. numbers]))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static bool HoldsInEveryStep(int[] numbers)
    {
        StampClock clock = new(7);
        List<ulong> underWay = [];
        ulong last = Epoch7;
        foreach (int number in numbers)
        {
            if (number % 2 == 0 || underWay.Count == 0)
            {
                last = clock.Take();
                underWay.Add(last);
            }
            else
            {
                ulong done = underWay[number / 2 % underWay.Count];
                underWay.Remove(done);
                clock.Complete(done);
            }

            ulong expected = underWay.Count == 0 ? last : underWay.Min() - 1;
            if (clock.Checkpoint != expected || clock.LowWater != expected + 1)
            {
                return false;
            }
        }

        return true;
    }
}
