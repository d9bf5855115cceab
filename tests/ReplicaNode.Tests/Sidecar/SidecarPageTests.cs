using FsCheck;
using FsCheck.Fluent;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Tests.Sidecar;

public sealed class SidecarPageTests
{
    private static readonly Guid Replica = new("11111111-2222-3333-4444-555555555555");

    [Fact]
    public void Stamps_come_back_as_they_were_written() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            ulong[] stamps = Words(seed, SidecarLayout.RegionsPerStampPage);
            byte[] page = new byte[SidecarLayout.PageBytes];
            StampPage.Encode(page, seed, Replica, stamps);
            ulong[] read = new ulong[stamps.Length];
            Assert.Equal(PageState.Valid, StampPage.Decode(page, seed, Replica, read));
            return read.AsSpan().SequenceEqual(stamps);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_stamp_page_of_another_place_or_replica_is_foreign()
    {
        byte[] page = new byte[SidecarLayout.PageBytes];
        ulong[] read = new ulong[SidecarLayout.RegionsPerStampPage];
        StampPage.Encode(page, 4, Replica, []);
        Assert.Equal(PageState.Valid, StampPage.Decode(page, 4, Replica, read));
        Assert.Equal(PageState.Foreign, StampPage.Decode(page, 5, Replica, read));
        Assert.Equal(PageState.Foreign, StampPage.Decode(page, 4, Guid.Empty, read));
    }

    [Fact]
    public void Every_flipped_bit_and_a_page_of_zeroes_are_damage()
    {
        byte[] page = new byte[SidecarLayout.PageBytes];
        ulong[] read = new ulong[SidecarLayout.RegionsPerStampPage];
        Assert.Equal(PageState.Damaged, StampPage.Decode(page, 0, Replica, read));
        StampPage.Encode(page, 4, Replica, Words(1, SidecarLayout.RegionsPerStampPage));
        for (int bit = 0; bit < page.Length * 8; bit += 3)
        {
            page[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(PageState.Damaged, StampPage.Decode(page, 4, Replica, read));
            page[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Hot_marks_come_back_as_they_were_written() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            ulong[] words = Words(seed, HotSector.WordCount);
            byte[] sector = new byte[SidecarLayout.HotSectorBytes];
            HotSector.Encode(sector, seed, Replica, words);
            ulong[] read = new ulong[words.Length];
            Assert.Equal(PageState.Valid, HotSector.Decode(sector, seed, Replica, read));
            return read.AsSpan().SequenceEqual(words);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_bad_hot_sector_means_that_all_its_zones_are_hot()
    {
        byte[] sector = new byte[SidecarLayout.HotSectorBytes];
        ulong[] read = new ulong[HotSector.WordCount];
        HotSector.Encode(sector, 4, Replica, read);
        for (int bit = 0; bit < sector.Length * 8; bit++)
        {
            sector[bit / 8] ^= (byte)(1 << (bit % 8));
            Array.Clear(read);
            Assert.Equal(PageState.Damaged, HotSector.Decode(sector, 4, Replica, read));
            Assert.All(read, word => Assert.Equal(ulong.MaxValue, word));
            sector[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData(1L)]
    [InlineData(64L << 10)]
    [InlineData((4L << 20) + 1)]
    [InlineData(1L << 30)]
    [InlineData(14L << 30)]
    [InlineData((14L << 30) + 1)]
    [InlineData(1L << 40)]
    public void Pieces_of_a_layout_do_not_overlap_and_fill_the_file(long sizeBytes)
    {
        SidecarLayout layout = new(sizeBytes);
        SortedDictionary<long, int> pieces = new()
        {
            [SidecarLayout.HeaderOffset(0)] = SidecarLayout.HeaderSlotBytes,
            [SidecarLayout.HeaderOffset(1)] = SidecarLayout.HeaderSlotBytes,
        };
        for (int sector = 0; sector < layout.HotSectorCount; sector++)
        {
            pieces.Add(SidecarLayout.HotSectorOffset(sector), SidecarLayout.HotSectorBytes);
        }

        for (int page = 0; page < layout.StampPageCount; page++)
        {
            pieces.Add(SidecarLayout.StampPageOffset(page), SidecarLayout.PageBytes);
        }

        long at = 0;
        foreach ((long offset, int length) in pieces)
        {
            Assert.Equal(at, offset);
            at += length;
        }

        Assert.Equal(layout.FileBytes, at);
        Assert.True((long)layout.StampPageCount * SidecarLayout.RegionsPerStampPage >= layout.RegionCount);
        Assert.True(layout.HotSectorCount * SidecarLayout.ZonesPerHotSector >= layout.ZoneCount);
    }

    [Fact]
    public void A_larger_volume_only_appends_to_the_layout()
    {
        SidecarLayout small = new(3L << 30);
        SidecarLayout large = new(40L << 30);
        Assert.True(large.FileBytes > small.FileBytes);
        Assert.True(SidecarLayout.StampPageOffset(small.StampPageCount) >= small.FileBytes);
    }

    [Fact]
    public void A_stamp_never_falls_and_covers_every_region_that_a_range_touches()
    {
        StampMap stamps = new(new SidecarLayout(1 << 30));
        stamps.Raise(65_535, 2, 7);
        stamps.Raise(65_536, 1, 3);
        Assert.Equal([7UL, 7UL, 0UL], [stamps.Of(0), stamps.Of(1), stamps.Of(2)]);
        stamps.Raise(0, 1 << 30, 9);
        Assert.Equal(9UL, stamps.Of((1 << 14) - 1));
        List<int> dirty = [];
        stamps.Dirty.Take(dirty);
        Assert.Equal(Enumerable.Range(0, 37), dirty);
    }

    private static ulong[] Words(int seed, int count)
    {
        System.Random random = new(seed);
        ulong[] words = new ulong[count];
        for (int i = 0; i < count; i++)
        {
            words[i] = (ulong)random.NextInt64() * 2;
        }

        return words;
    }
}
