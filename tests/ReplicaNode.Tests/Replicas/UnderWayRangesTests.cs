using Replication.Messages;
using Replication.ReplicaNode.Replicas;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>P17: the list of ranges covers all that is under way, and stays small.</summary>
public sealed class UnderWayRangesTests
{
    private readonly UnderWayRanges _ranges = new();

    [Fact]
    public void Against_a_plain_list_it_covers_every_range_at_or_above_the_low_water()
    {
        Random random = new(1);
        List<(ulong Stamp, long Offset, long Length)> noted = [];
        ulong lowWater = 0;
        for (ulong stamp = 1; stamp < 40_000; stamp++)
        {
            long offset = random.Next(1 << 20) * 4096L;
            long length = random.Next(1, 9) * 512L;
            ulong back = (ulong)random.Next((int)(stamp - lowWater));
            lowWater = random.Next(2000) == 0 ? stamp - back : lowWater;
            _ranges.Note(new ReplicaChange(stamp, lowWater, offset, length, HasData: true));
            noted.Add((stamp, offset, length));
            Assert.InRange(_ranges.Count, 0, UnderWayRanges.CountMax);
            if (stamp % 5000 == 0)
            {
                Check(noted.Where(one => one.Stamp >= lowWater));
            }
        }
    }

    [Fact]
    public void What_stays_within_bounds_is_told_exactly()
    {
        Note(5, 0, 4096);
        Note(6, 8192, 4096);
        Note(7, 4096, 1000);
        Note(8, 20_000, 1);
        Assert.Equal([new(0, 5096), new(8192, 4096), new(20_000, 1)], _ranges.List());
        _ranges.PassCheckpoint(7);
        Assert.Equal([new(20_000, 1)], _ranges.List());
        Assert.False(_ranges.IsEmpty());
        _ranges.PassCheckpoint(8);
        Assert.True(_ranges.IsEmpty());
    }

    [Fact]
    public void A_late_range_behind_an_early_one_is_not_told_once_it_is_complete()
    {
        Note(9, 0, 4096);
        Note(3, 8192, 4096);
        _ranges.Pass(5);
        Assert.Equal([new(0, 4096)], _ranges.List());
        Note(4, 16_384, 4096);
        Assert.Equal([new(0, 4096)], _ranges.List());
        _ranges.Pass(10);
        Assert.True(_ranges.IsEmpty());
    }

    [Fact]
    public void A_steady_load_with_a_rising_low_water_keeps_what_is_under_way_only()
    {
        for (ulong stamp = 32; stamp < 100_000; stamp++)
        {
            _ranges.Note(new ReplicaChange(stamp, stamp - 31, (long)stamp * 8192, 4096, HasData: true));
            Assert.InRange(_ranges.Count, 1, 32);
        }
    }

    [Fact]
    public void A_stamp_has_no_range_but_tells_the_low_water()
    {
        Note(5, 0, 4096);
        _ranges.Note(new ReplicaChange(7, 6, 8192, 4096, HasData: false));
        Assert.Empty(_ranges.List());
    }

    private void Note(ulong stamp, long offset, long length) =>
        _ranges.Note(new ReplicaChange(stamp, 0, offset, length, HasData: true));

    private void Check(IEnumerable<(ulong Stamp, long Offset, long Length)> expected)
    {
        IReadOnlyList<ByteRange> told = _ranges.List();
        Assert.InRange(told.Count, 1, ReplicaOpened.UnderWayMax);
        for (int i = 1; i < told.Count; i++)
        {
            Assert.True(told[i - 1].OffsetBytes + told[i - 1].LengthBytes < told[i].OffsetBytes);
        }

        foreach ((ulong stamp, long offset, long length) in expected)
        {
            Assert.True(
                told.Any(range => range.OffsetBytes <= offset
                    && offset + length <= range.OffsetBytes + range.LengthBytes),
                $"stamp {stamp} at {offset}");
        }
    }
}
