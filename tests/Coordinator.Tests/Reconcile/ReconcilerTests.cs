using Replication.Coordinator.Reconcile;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Tests.Reconcile;

public sealed class ReconcilerTests
{
    private const int Region = 64 << 10;
    private const int Block = 4096;
    private const long SizeBytes = 100L * Region + 512;

    private readonly Reconciler _reconciler = new(SizeBytes);

    [Fact]
    public void Ranges_are_taken_in_order_one_region_at_a_time_and_no_more_than_the_limit()
    {
        Add(0, SizeBytes);

        ReconcileRange[] taken = [.. Enumerable.Range(0, 20).Select(_ => Take()).OfType<ReconcileRange>()];

        Assert.Equal(Reconciler.UnderWayMax, taken.Length);
        Assert.Equal(
            Enumerable.Range(0, Reconciler.UnderWayMax)
                .Select(static i => new ReconcileRange(i * Region, Region)),
            taken);
    }

    [Fact]
    public void P17_what_a_read_waits_for_comes_first()
    {
        Add(0, SizeBytes);

        Assert.Equal(new ReconcileRange(50 * Region, Region), Take((50 * Region + 100, 10)));
        Assert.Equal(new ReconcileRange(0, Region), Take((50 * Region + 100, 10)));
    }

    [Fact]
    public void A_range_is_widened_to_whole_blocks_and_cut_at_the_volumes_end()
    {
        Add(5000, 10);
        Add(SizeBytes - 1, 1);

        Assert.Equal(new ReconcileRange(Block, Block), Take());
        Assert.Equal(new ReconcileRange(100L * Region, 512), Take());
        Assert.Null(Take());
    }

    [Fact]
    public void A_range_written_while_it_was_waiting_for_its_lock_has_no_blocks_left()
    {
        Add(0, 3 * Block);
        ReconcileRange range = Take()!;
        Assert.Equal(0b111, _reconciler.BlocksOf(range));
        _reconciler.Remove((Block, Block));
        Assert.Equal(0b101, _reconciler.BlocksOf(range));
        _reconciler.Remove((0, 3 * Block));

        Assert.Equal(0, _reconciler.BlocksOf(range));
        _reconciler.GiveBack(range);
        Assert.True(_reconciler.IsEmpty);
        Assert.Null(Take());
    }

    [Fact]
    public void A_range_that_was_given_back_or_failed_is_taken_again()
    {
        Add(0, Block);
        _reconciler.GiveBack(Take()!);
        ReconcileRange again = Take()!;
        _reconciler.OnEnded(again, 1, stamp: 7, applied: false);

        Assert.Equal(again, Take());
        _reconciler.OnEnded(again, 1, stamp: 8, applied: true);
        Assert.True(_reconciler.IsEmpty);
    }

    [Fact]
    public void P16_the_limit_of_the_checkpoint_stays_below_the_first_failed_write_until_all_is_reconciled()
    {
        Assert.Equal(ulong.MaxValue, _reconciler.CheckpointMax);
        _reconciler.AddFailed((0, 100), stamp: 10);
        _reconciler.AddFailed((Block, 100), stamp: 20);
        Assert.Equal(9UL, _reconciler.CheckpointMax);
        _reconciler.Remove((0, 100));
        Assert.Equal(9UL, _reconciler.CheckpointMax);
        _reconciler.Remove((Block, 100));

        Assert.Equal(ulong.MaxValue, _reconciler.CheckpointMax);
    }

    private void Add(long offset, long length)
    {
        RangeSet set = new();
        set.Add(offset, length);
        _reconciler.TakeOver(set);
    }

    private ReconcileRange? Take(params (long OffsetBytes, long LengthBytes)[] wanted) =>
        _reconciler.TakeNext(wanted);
}
