using FsCheck;
using FsCheck.Fluent;
using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Tests.Sidecar;

public sealed class SidecarHeaderTests
{
    private static readonly Gen<SidecarHeader> Headers =
        from sequence in Gen.Choose(1, int.MaxValue)
        from sizeKiB in Gen.Choose(1, int.MaxValue)
        from epoch in Gen.Choose(0, 1 << 24)
        from clean in Gen.Choose(0, int.MaxValue)
        from flags in Gen.Choose(0, 3)
        from serial in Gen.Choose(0, int.MaxValue)
        from recordBytes in Gen.OneOf(
            Gen.Choose(0, 5000),
            Gen.Choose(0, StoreReplicaRecord.LengthMaxBytes),
            Gen.Elements(3584, 3585, 61440))
        from seed in Gen.Choose(0, int.MaxValue)
        select Header((ulong)sequence, recordBytes, seed) with
        {
            SizeBytes = sizeKiB * 1024L,
            FenceEpoch = (uint)epoch,
            Clean = (ulong)clean << 20,
            ClosedCleanly = (flags & 1) != 0,
            ClosedContinuous = (flags & 2) != 0,
            Serial = serial,
        };

    [Fact]
    public void A_header_comes_back_as_it_was_written() =>
        Prop.ForAll(Headers.ToArbitrary(), header =>
        {
            byte[] slot = Slot(header);
            Assert.Equal(PageState.Valid, SidecarHeader.Decode(slot, out SidecarHeader? read));
            Assert.Equal(header.Record.ToArray(), read!.Record.ToArray());
            Assert.Equal(header with { Record = default }, read with { Record = default });
            Assert.Equal(0, header.EncodedBytes % SidecarLayout.PageBytes);
            return header.EncodedBytes <= SidecarLayout.HeaderSlotBytes;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_flipped_bit_is_found()
    {
        SidecarHeader header = Header(sequence: 9, recordBytes: 100, seed: 1);
        byte[] slot = Slot(header);
        for (int bit = 0; bit < (SidecarHeader.FieldsBytes + 100) * 8; bit++)
        {
            slot[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(PageState.Damaged, SidecarHeader.Decode(slot, out SidecarHeader? read));
            Assert.Null(read);
            slot[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal(PageState.Valid, SidecarHeader.Decode(slot, out _));
    }

    [Fact]
    public void Every_torn_prefix_of_a_write_leaves_one_of_the_two_headers() =>
        Prop.ForAll(
            (from older in Headers
             from newer in Headers
             from before in Headers
             select (older, newer, before)).ToArbitrary(),
            headers =>
            {
                SidecarHeader older = headers.older with { Sequence = 6 };
                SidecarHeader newer = headers.newer with { Sequence = 7 };
                byte[] other = Slot(older);
                byte[] written = Slot(newer);
                byte[] torn = Slot(headers.before with { Sequence = 5 });
                for (int done = 0; done <= newer.EncodedBytes; done += 512)
                {
                    written.AsSpan(0, done).CopyTo(torn);
                    HeaderSlots slots = HeaderSlots.Read(other, torn);
                    bool isNew = slots.Newest!.Sequence == 7;
                    Assert.True(isNew || slots.Newest.Sequence == 6);
                    Assert.Equal(isNew ? 0 : 1, slots.NextSlot);
                    Assert.True(isNew || done < newer.EncodedBytes);
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    [Fact]
    public void With_both_slots_bad_the_sidecar_is_lost()
    {
        byte[] bad = Slot(Header(1, 10, 1));
        bad[100] ^= 1;
        Assert.Null(HeaderSlots.Read(bad, new byte[SidecarLayout.HeaderSlotBytes]).Newest);
        Assert.Null(HeaderSlots.Read([], []).Newest);
    }

    [Fact]
    public void The_next_write_never_goes_to_the_slot_that_counts()
    {
        byte[] older = Slot(Header(1, 10, 1));
        byte[] newer = Slot(Header(2, 10, 1));
        Assert.Equal((2UL, 0), Newest(HeaderSlots.Read(older, newer)));
        Assert.Equal((2UL, 1), Newest(HeaderSlots.Read(newer, older)));
        Assert.Equal((1UL, 1), Newest(HeaderSlots.Read(older, [])));
        Assert.Equal((1UL, 0), Newest(HeaderSlots.Read([], older)));
    }

    [Fact]
    public void A_later_format_version_is_told_apart_from_damage()
    {
        byte[] slot = Slot(Header(1, 0, 1));
        slot[16] = 2;
        ulong checksum = Messages.Digests.Checksum64.Compute(slot.AsSpan(8, SidecarHeader.FieldsBytes - 8));
        BitConverter.TryWriteBytes(slot, checksum);
        Assert.Equal(PageState.UnknownVersion, SidecarHeader.Decode(slot, out _));
        Assert.True(HeaderSlots.Read(slot, Slot(Header(2, 0, 1))).UnknownVersion);
    }

    [Fact]
    public void Noise_is_never_a_header() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            byte[] noise = new byte[4096];
            new System.Random(seed).NextBytes(noise);
            return SidecarHeader.Decode(noise, out _) == PageState.Damaged;
        }).QuickCheckThrowOnFailure();

    private static (ulong Sequence, int NextSlot) Newest(HeaderSlots slots) =>
        (slots.Newest!.Sequence, slots.NextSlot);

    private static SidecarHeader Header(ulong sequence, int recordBytes, int seed)
    {
        System.Random random = new(seed);
        byte[] ids = new byte[32];
        byte[] record = new byte[recordBytes];
        random.NextBytes(ids);
        random.NextBytes(record);
        return new SidecarHeader
        {
            Sequence = sequence,
            VolumeId = new Guid(ids.AsSpan(0, 16)),
            ReplicaId = new Guid(ids.AsSpan(16)),
            SizeBytes = 1 << 20,
            Record = record,
        };
    }

    private static byte[] Slot(SidecarHeader header)
    {
        byte[] slot = new byte[SidecarLayout.HeaderSlotBytes];
        header.Encode(slot);
        return slot;
    }
}
