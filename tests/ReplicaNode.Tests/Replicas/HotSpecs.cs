using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.TestKit.Simulation.Disks;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>P7: a zone is marked hot, durably, before anything is written to it; and when marks go.</summary>
public sealed class HotSpecs : ReplicaSpec
{
    private const long Zone = RequestLimits.ZoneLengthBytes;
    private static readonly TimeSpan AWhile = TimeSpan.FromSeconds(10);

    public HotSpecs() => CreateAndOpen();

    [Fact]
    public void The_first_write_to_a_zone_waits_until_its_mark_is_durable()
    {
        StallSidecarSync();
        SendWrite(3 * Zone, Noise(1, 4096), counter: 1);
        ExpectNoMsg(AWhile);
        Assert.Equal(new byte[4096], Disk.Peek(Data, 3 * Zone, 4096));
        Disk.ReleaseStalled();
        ExpectMsg<ReplicaDone>();
        Assert.Equal(0b1000UL, DurableHotMarks());
        Assert.Equal(Noise(1, 4096), Disk.Peek(Data, 3 * Zone, 4096));
    }

    [Fact]
    public void A_write_to_a_hot_zone_touches_the_sidecar_not_at_all()
    {
        Write(0, Noise(1, 4096), counter: 1);
        DiskFault stall = Disk.Inject(new DiskFault(DiskFaultEffect.Stall) { Path = Sidecar });
        Write(Zone - 4096, Noise(2, 4096), counter: 2);
        Assert.Equal(0, stall.HitCount);
    }

    [Fact]
    public void A_write_across_zones_and_a_zeroing_and_a_stamp_mark_every_zone_they_touch()
    {
        Write(Zone - 4096, Noise(1, 8192), counter: 1);
        Assert.Equal(0b11UL, DurableHotMarks());
        Probe.Send(
            Replica,
            new ZeroReplica(1, Ticket, Stamp(1, 2), 0, 4 * Zone, 2 * Zone, ZeroMode.MayPunch, Fua: false));
        ExpectMsg<ReplicaDone>();
        Assert.Equal(0b110011UL, DurableHotMarks());
        Restamp(9 * Zone, 1, Stamp(1, 3));
        Assert.Equal(0b1000110011UL, DurableHotMarks());
    }

    [Fact]
    public void Writes_that_ask_before_a_round_begins_share_it()
    {
        StallSidecarSync();
        SendWrite(0, Noise(1, 4096), counter: 1);
        Advance(TimeSpan.FromSeconds(1));
        DiskFault syncs = Disk.Inject(new DiskFault(DiskFaultEffect.Stall)
        {
            Path = Sidecar,
            Kind = DiskOperationKind.Sync,
        });
        for (int zone = 1; zone < 9; zone++)
        {
            SendWrite(zone * Zone, Noise(zone, 4096), (ulong)zone + 1);
        }

        Settle();
        Disk.ReleaseStalled();
        ExpectMsg<ReplicaDone>();
        Advance(TimeSpan.FromSeconds(1));
        Disk.Remove(syncs);
        Disk.ReleaseStalled();
        for (int zone = 1; zone < 9; zone++)
        {
            ExpectMsg<ReplicaDone>();
        }

        Assert.Equal(1, syncs.HitCount);
    }

    [Fact]
    public void A_write_whose_mark_cannot_be_made_durable_fails_and_the_incarnation_ends()
    {
        Disk.Inject(new DiskFault(DiskFaultEffect.Fail)
        {
            Path = Sidecar,
            Kind = DiskOperationKind.Sync,
            Once = true,
        });
        PooledBuffer payload = SendWrite(0, Noise(1, 4096), counter: 1);
        ExpectRefused(ReplicaRefusal.SyncFailed);
        Assert.Throws<InvalidOperationException>(() => payload.Memory);
        SendWrite(0, Noise(1, 4096), counter: 1);
        ExpectRefused(ReplicaRefusal.WrongIncarnation);
        Assert.Equal(new byte[4096], Disk.Peek(Data, 0, 4096));
        Open(epoch: 1, session: 2);
        Write(0, Noise(1, 4096), counter: 2);
        Assert.Equal(1UL, DurableHotMarks());
    }

    [Fact]
    public void A_write_that_waits_for_its_mark_holds_back_the_next_open_and_is_not_carried_out()
    {
        DiskFault stall = StallSidecarSync();
        PooledBuffer payload = SendWrite(0, Noise(1, 4096), counter: 1);
        Settle();
        SendOpen(epoch: 1, session: 2);
        ExpectNoMsg(AWhile);
        Disk.Remove(stall);
        Disk.ReleaseStalled();
        ExpectRefused(ReplicaRefusal.StaleEpoch);
        ExpectOpened(epoch: 1, session: 2);
        Assert.Throws<InvalidOperationException>(() => payload.Memory);
        Assert.Equal(new byte[4096], Disk.Peek(Data, 0, 4096));
    }

    /// <summary>Nothing of it was written: nothing else asked for the sync its zone waited for.</summary>
    [Fact]
    public void A_refused_write_that_waited_for_its_mark_leaves_its_zone_hot_until_the_next_flush()
    {
        Flush();
        DiskFault stall = StallSidecarSync();
        SendWrite(0, Noise(1, 4096), counter: 1);
        Settle();
        SendOpen(epoch: 1, session: 2);
        Disk.Remove(stall);
        Disk.ReleaseStalled();
        ExpectRefused(ReplicaRefusal.StaleEpoch);
        ExpectOpened(epoch: 1, session: 2);
        Acknowledge();
        Flush(checkpoint: Stamp(1, 1));
        Advance(AWhile);
        Assert.Equal(0UL, DurableHotMarks());
    }

    [Fact]
    public void A_failed_sync_of_the_data_fails_the_writes_that_wait_for_marks()
    {
        Write(0, Noise(1, 4096), counter: 1);
        StallSidecarSync();
        SendWrite(Zone, Noise(2, 4096), counter: 2);
        Settle();
        Disk.Inject(new DiskFault(DiskFaultEffect.Fail)
        {
            Path = Data,
            Kind = DiskOperationKind.Sync,
            Once = true,
        });
        SendFlush();
        ExpectRefused(ReplicaRefusal.SyncFailed);
        ExpectRefused(ReplicaRefusal.SyncFailed);
        Disk.ReleaseStalled();
        Open(epoch: 1, session: 2);
        Assert.Equal(new byte[4096], Read(Zone, 4096));
    }

    [Fact]
    public void Marks_survive_the_process_and_are_told_at_the_open()
    {
        Write(2 * Zone, Noise(1, 4096), counter: 1);
        Write(3 * Zone, Noise(1, 4096), counter: 2);
        Write(9 * Zone, Noise(1, 4096), counter: 3);
        Restart(DiskCrashPolicy.LoseUnsynced);
        Assert.Equal([new ZoneRun(2, 2), new ZoneRun(9, 1)], Open(epoch: 2).HotZones);
    }

    [Fact]
    public void A_holders_mark_goes_once_a_checkpoint_covers_its_zone_and_not_before()
    {
        Acknowledge();
        Write(0, Noise(1, 4096), counter: 1);
        Write(Zone, Noise(2, 4096), counter: 2);
        Flush(checkpoint: Stamp(1, 1));
        Advance(AWhile);
        Assert.Equal(0b10UL, DurableHotMarks());
        Flush(checkpoint: Stamp(1, 2));
        Advance(AWhile);
        Assert.Equal(0UL, DurableHotMarks());
    }

    [Fact]
    public void A_holder_that_is_not_continuous_keeps_its_marks()
    {
        Write(0, Noise(1, 4096), counter: 1);
        Flush(checkpoint: Stamp(1, 1));
        Advance(AWhile);
        Assert.Equal(1UL, DurableHotMarks());
        Acknowledge();
        Flush(checkpoint: Stamp(1, 1));
        Advance(AWhile);
        Assert.Equal(0UL, DurableHotMarks());
    }

    [Fact]
    public void A_mark_stays_while_a_write_is_under_way_in_its_zone()
    {
        Acknowledge();
        Write(0, Noise(1, 4096), counter: 1);
        Disk.Inject(new DiskFault(DiskFaultEffect.Stall) { Path = Data, Once = true });
        SendWrite(4096, Noise(2, 4096), counter: 1);
        Settle();
        Flush(checkpoint: Stamp(1, 1));
        Advance(AWhile);
        Assert.Equal(1UL, DurableHotMarks());
        Disk.ReleaseStalled();
        ExpectMsg<ReplicaDone>();
        Flush(checkpoint: Stamp(1, 1));
        Advance(AWhile);
        Assert.Equal(0UL, DurableHotMarks());
    }

    [Fact]
    public void A_targets_own_mark_goes_with_its_own_flush_and_an_inherited_one_stays_until_it_is_settled()
    {
        Write(0, Noise(1, 4096), counter: 1);
        Restart(DiskCrashPolicy.LoseUnsynced);
        Open(epoch: 2, role: ReplicaRole.Target);
        Write(0, Noise(1, 4096), counter: 1);
        Write(Zone, Noise(1, 4096), counter: 1);
        Assert.Equal(0b11UL, DurableHotMarks());
        Flush();
        Advance(AWhile);
        Assert.Equal(0b1UL, DurableHotMarks());
        Acknowledge(clean: Stamp(2, 7));
        Advance(AWhile);
        Assert.Equal(0UL, DurableHotMarks());
    }

    /// <summary>
    /// Should its source be lost it counts again as it is: a write that only it has must not look reconciled.
    /// </summary>
    [Fact]
    public void P7_a_lapsed_child_that_is_copied_to_keeps_its_marks_until_it_is_settled()
    {
        Write(0, Noise(1, 4096), counter: 1);
        Restart(DiskCrashPolicy.LoseUnsynced);
        Open(epoch: 2, role: ReplicaRole.Lapsed);
        Write(Zone, Noise(1, 4096), counter: 1);
        Flush();
        Advance(AWhile);
        Assert.Equal(0b11UL, DurableHotMarks());
        Acknowledge(clean: Stamp(2, 7));
        Advance(AWhile);
        Assert.Equal(0UL, DurableHotMarks());
    }

    [Fact]
    public void Marks_go_with_a_clean_close()
    {
        Acknowledge();
        Write(0, Noise(1, 4096), counter: 1);
        Close(checkpoint: Stamp(1, 1));
        Restart(DiskCrashPolicy.LoseUnsynced);
        ReplicaOpened opened = Open(epoch: 2);
        Assert.Empty(opened.HotZones);
        Assert.Equal((Stamp(1, 1), true), (opened.Clean, opened.Continuous));
    }

    [Fact]
    public void What_a_failed_sync_left_behind_counts_as_inherited()
    {
        Acknowledge();
        Write(0, Noise(1, 4096), counter: 1);
        Disk.Inject(new DiskFault(DiskFaultEffect.Fail)
        {
            Path = Data,
            Kind = DiskOperationKind.Sync,
            Once = true,
        });
        SendFlush(checkpoint: Stamp(1, 1));
        ExpectRefused(ReplicaRefusal.SyncFailed);
        Open(epoch: 1, session: 2, role: ReplicaRole.Target);
        Flush();
        Advance(AWhile);
        Assert.Equal(1UL, DurableHotMarks());
        Assert.All(
            ListRegions(after: Stamp(1, 1)).Regions,
            region => Assert.Equal(ulong.MaxValue, region.Stamp));
    }

    private DiskFault StallSidecarSync() => Disk.Inject(new DiskFault(DiskFaultEffect.Stall)
    {
        Path = Sidecar,
        Kind = DiskOperationKind.Sync,
        Once = true,
    });
}
