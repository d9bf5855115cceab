using Replication.Actors.Disk;
using Replication.Messages;
using Replication.TestKit.Simulation.Disks;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>FUA, flush and checkpoint (P16), and what a failed sync ends (P8, P12).</summary>
public sealed class FlushSpecs : ReplicaSpec
{
    private static readonly TimeSpan AWhile = TimeSpan.FromSeconds(10);

    public FlushSpecs() => CreateAndOpen();

    [Fact]
    public void What_was_flushed_survives_a_power_loss_with_its_stamps()
    {
        Write(0, Noise(1, 8192), counter: 1);
        Write(20 << 20, Noise(2, 8192), counter: 2);
        Flush();
        Restart(DiskCrashPolicy.LoseUnsynced);
        Open(epoch: 2);
        Assert.Equal(Noise(1, 8192), Read(0, 8192));
        Assert.Equal(Noise(2, 8192), Read(20 << 20, 8192));
        Assert.Equal((Stamp(1, 1), Stamp(1, 2)), (DurableStamp(0), DurableStamp(320)));
    }

    [Fact]
    public void A_write_with_fua_is_durable_with_its_stamp_before_the_answer()
    {
        Write(0, Noise(1, 8192), counter: 1, fua: true);
        Assert.Equal(Noise(1, 8192), Disk.PeekDurable(Data, 0, 8192));
        Assert.Equal(Stamp(1, 1), DurableStamp(0));
    }

    [Fact]
    public void A_zeroing_with_fua_is_durable_before_the_answer()
    {
        Write(0, Noise(1, 8192), counter: 1, fua: true);
        Probe.Send(
            Replica, new ZeroReplica(1, Ticket, Stamp(1, 2), 0, 0, 8192, ZeroMode.MayPunch, Fua: true));
        ExpectMsg<ReplicaDone>();
        Assert.Equal(new byte[8192], Disk.PeekDurable(Data, 0, 8192));
    }

    [Fact]
    public void A_flush_with_nothing_to_sync_is_answered_without_the_disk()
    {
        Flush();
        DiskFault stall = Disk.Inject(new DiskFault(DiskFaultEffect.Stall));
        Flush();
        Assert.Equal(0, stall.HitCount);
    }

    [Fact]
    public void A_flush_asked_during_a_sync_covers_what_was_written_since_the_sync_began()
    {
        Write(0, Noise(1, 4096), counter: 1);
        NextSync(Data, DiskFaultEffect.Stall);
        SendFlush();
        Settle();
        Write(4096, Noise(2, 4096), counter: 2);
        SendFlush();
        ExpectNoMsg(AWhile);
        Disk.ReleaseStalled();
        ExpectMsg<ReplicaDone>();
        ExpectMsg<ReplicaDone>();
        Assert.Equal(Noise(2, 4096), Disk.PeekDurable(Data, 4096, 4096));
    }

    [Theory]
    [InlineData(Data)]
    [InlineData(Sidecar)]
    public void A_failed_sync_ends_the_incarnation_and_is_never_taken_up_again(string path)
    {
        Write(0, Noise(1, 4096), counter: 1);
        NextSync(path, DiskFaultEffect.Fail);
        SendFlush();
        Assert.Equal(Errno.InputOutput, ExpectRefused(ReplicaRefusal.SyncFailed).Errno);

        SendFlush();
        ExpectRefused(ReplicaRefusal.WrongIncarnation);
        SendWrite(0, Noise(2, 4096), counter: 2);
        ExpectRefused(ReplicaRefusal.WrongIncarnation);
        ulong lost = Ticket.Incarnation;
        Assert.NotEqual(lost, Open(epoch: 1, session: 2).Incarnation);
        Write(0, Noise(2, 4096), counter: 3);
        Flush();
        Assert.Equal(Noise(2, 4096), Disk.PeekDurable(Data, 0, 4096));
    }

    [Fact]
    public void A_fua_write_whose_sync_fails_is_SyncFailed()
    {
        NextSync(Data, DiskFaultEffect.Fail);
        SendWrite(0, Noise(1, 4096), counter: 1, fua: true);
        ExpectRefused(ReplicaRefusal.SyncFailed);
        SendWrite(0, Noise(1, 4096), counter: 2);
        ExpectRefused(ReplicaRefusal.WrongIncarnation);
    }

    [Fact]
    public void A_failed_sync_fails_every_flush_that_waits_and_vouches_for_no_write_under_way()
    {
        Write(0, Noise(1, 4096), counter: 1);
        NextSync(Data, DiskFaultEffect.Stall);
        SendFlush();
        Settle();
        Write(4096, Noise(2, 4096), counter: 2);
        SendFlush();
        (Disk.LatencyMin, Disk.LatencyMax) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        SendWrite(8192, Noise(3, 4096), counter: 3);
        Settle();
        Disk.LatencyMin = TimeSpan.Zero;
        NextSync(Data, DiskFaultEffect.Fail);
        Disk.ReleaseStalled();
        ExpectRefused(ReplicaRefusal.SyncFailed);
        ExpectRefused(ReplicaRefusal.SyncFailed);
        ExpectRefused(ReplicaRefusal.WrongIncarnation);
    }

    [Fact]
    public void Clean_is_the_checkpoint_of_the_last_flush_and_reaches_the_disk_soon_after()
    {
        Acknowledge();
        Write(0, Noise(1, 4096), counter: 5);
        Flush(checkpoint: Stamp(1, 5));
        Assert.Equal(Stamp(1, 5), Open(epoch: 1, session: 2).Clean);
        Advance(TimeSpan.FromSeconds(1));
        Restart(DiskCrashPolicy.LoseUnsynced);
        Assert.Equal(Stamp(1, 5), Open(epoch: 2).Clean);
        Flush(checkpoint: Stamp(1, 4));
        Assert.Equal(Stamp(1, 5), Open(epoch: 3).Clean);
    }

    [Fact]
    public void A_flush_that_fails_raises_no_clean()
    {
        Acknowledge();
        Write(0, Noise(1, 4096), counter: 5);
        NextSync(Data, DiskFaultEffect.Fail);
        SendFlush(checkpoint: Stamp(1, 5));
        ExpectRefused(ReplicaRefusal.SyncFailed);
        Assert.Equal(0UL, Open(epoch: 2).Clean);
    }

    private void NextSync(string path, DiskFaultEffect effect) =>
        Disk.Inject(new DiskFault(effect) { Path = path, Kind = DiskOperationKind.Sync, Once = true });
}
