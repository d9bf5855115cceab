using Replication.Messages;
using Replication.ReplicaNode.Sidecar;
using Replication.TestKit.Simulation.Disks;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>P5: what a replica makes of a sidecar that is not as it was left.</summary>
public sealed class DamageSpecs : ReplicaSpec
{
    public DamageSpecs()
        : this(seed: 1)
    {
    }

    private DamageSpecs(ulong seed)
        : base(seed)
    {
        CreateAndOpen();
        Write(0, Noise(1, 8192), counter: 1);
        Write(30 << 20, Noise(2, 8192), counter: 2);
        Flush(checkpoint: Stamp(1, 2));
        Advance(TimeSpan.FromSeconds(1));
        Restart();
    }

    [Fact]
    public void With_one_bad_header_slot_the_other_one_counts()
    {
        int newest = DurableHeader().Sequence % 2 == 0 ? 1 : 0;
        Disk.CorruptAtRest(Sidecar, SidecarLayout.HeaderOffset(newest), 512);
        ReplicaOpened opened = Open(epoch: 2);
        Assert.True(opened.Clean <= Stamp(1, 2));
        Assert.False(opened.Incomplete);
        Assert.Equal(Noise(1, 8192), Read(0, 8192));
    }

    [Fact]
    public void A_power_loss_while_the_header_is_written_leaves_the_one_before_it()
    {
        long stored = 0;
        for (int moment = 0; moment < 40; moment++)
        {
            Open(epoch: 2 + (uint)moment, serial: stored + 1);
            long serial = DurableHeader().Serial + 1;
            Probe.Send(Replica, new StoreReplicaRecord(1, Ticket, serial, Noise(moment, 30_000)));
            Advance(TimeSpan.FromMicroseconds(150 * moment));
            Restart(DiskCrashPolicy.TearPages);
            bool isStored = Probe.WaitingCount > 0 && ReceiveOne() is ReplicaDone;
            SidecarHeader header = DurableHeader();
            Assert.Equal(2 + (uint)moment, header.FenceEpoch);
            Assert.InRange(header.Serial, isStored ? serial : stored, serial);
            stored = header.Serial;
        }

        Assert.InRange(stored, 1, 39);
    }

    [Fact]
    public void With_both_header_slots_bad_the_replica_opens_clean_0_and_works_again()
    {
        Disk.CorruptAtRest(Sidecar, SidecarLayout.HeaderOffset(0), 512);
        Disk.CorruptAtRest(Sidecar, SidecarLayout.HeaderOffset(1), 512);
        EventFilter.Warning("header is lost", Node.System).ExpectOne(() =>
        {
            ReplicaOpened opened = Open(epoch: 2);
            Assert.Equal((0UL, 0L, false), (opened.Clean, opened.Serial, opened.Continuous));
            Assert.True(opened.Incomplete);
        });
        Restart();
        Assert.True(Open(epoch: 2, session: 2).Incomplete);
        Assert.Equal(Noise(1, 8192), Read(0, 8192));
        Assert.Equal(Stamp(1, 1), DurableStamp(0));
        Assert.Equal(2U, DurableHeader().FenceEpoch);
    }

    [Fact]
    public void A_sidecar_that_is_gone_is_made_anew_with_every_zone_hot()
    {
        Disk.Delete(Sidecar);
        Assert.Equal(0UL, Open(epoch: 2).Clean);
        Flush();
        Assert.Equal(StampMap.Unknown, DurableStamp(0));
        Assert.Equal((1UL << 10) - 1, DurableHotMarks());
        Assert.Equal(Noise(1, 8192), Read(0, 8192));
    }

    [Fact]
    public void A_bad_stamp_page_makes_its_zones_hot()
    {
        Disk.CorruptAtRest(Sidecar, SidecarLayout.StampPageOffset(1) + 1000, 8);
        Open(epoch: 2);
        Assert.Equal(1 | (0b111UL << 7), DurableHotMarks());
        Flush();
        Assert.Equal(StampMap.Unknown, DurableStamp(480));
        Assert.Equal(Stamp(1, 1), DurableStamp(0));
        Restart();
        Open(epoch: 3);
        Assert.Equal(1 | (0b111UL << 7), DurableHotMarks());
    }

    [Fact]
    public void The_hot_marks_of_a_bad_stamp_page_are_durable_before_it_is_rewritten()
    {
        bool[] seen = new bool[3];
        for (int moment = 0; moment < 60; moment++)
        {
            DamageSpecs story = new((ulong)moment);
            story.Disk.CorruptAtRest(Sidecar, SidecarLayout.StampPageOffset(1) + 1000, 8);
            story.SendOpen(epoch: 2);
            story.Advance(TimeSpan.FromMicroseconds(200 * moment));
            story.Node.Crash();
            story.Disk.Crash(DiskCrashPolicy.KeepSomePages);
            bool isHot = story.DurableHotMarks() == (1 | (0b111UL << 7));
            bool isRewritten = story.StateOfStampPage(1) == PageState.Valid;
            Assert.False(isRewritten && !isHot);
            seen[isRewritten ? 2 : isHot ? 1 : 0] = true;
        }

        Assert.Equal([true, true, true], seen);
    }

    [Fact]
    public void A_bad_sector_of_hot_marks_makes_all_its_zones_hot()
    {
        Disk.CorruptAtRest(Sidecar, SidecarLayout.HotSectorOffset(0) + 100, 1);
        Open(epoch: 2);
        Assert.Equal((1UL << 10) - 1, DurableHotMarks());
    }

    [Fact]
    public void A_sidecar_of_a_later_format_is_refused_and_left_alone()
    {
        byte[] slot = Disk.Peek(Sidecar, 0, SidecarHeader.FieldsBytes);
        slot[16] = 2;
        BitConverter.TryWriteBytes(slot, Messages.Digests.Checksum64.Compute(slot.AsSpan(8)));
        Disk.Overwrite(Sidecar, 0, slot);
        byte[] before = Disk.Peek(Sidecar, 0, (int)Disk.LengthOf(Sidecar));
        SendOpen(epoch: 2);
        ExpectRefused(ReplicaRefusal.DiskError);
        Assert.Equal(before, Disk.Peek(Sidecar, 0, before.Length));
    }

    [Fact]
    public void A_sidecar_that_cannot_be_mended_opens_nothing()
    {
        Disk.CorruptAtRest(Sidecar, SidecarLayout.StampPageOffset(1), 8);
        Disk.Inject(new DiskFault(DiskFaultEffect.Fail)
        {
            Path = Sidecar,
            Kind = Actors.Disk.DiskOperationKind.Sync,
            Once = true,
        });
        SendOpen(epoch: 2);
        ExpectRefused(ReplicaRefusal.DiskError);
        Open(epoch: 2);
    }

    private PageState StateOfStampPage(int page)
    {
        ulong[] stamps = new ulong[SidecarLayout.RegionsPerStampPage];
        byte[] content =
            Disk.PeekDurable(Sidecar, SidecarLayout.StampPageOffset(page), SidecarLayout.PageBytes);
        return StampPage.Decode(content, page, Identity.ReplicaId, stamps);
    }
}
