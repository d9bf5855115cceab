using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.Messages.Digests;
using Replication.TestKit.Simulation.Disks;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>P8 and P9: who may use a replica, and when.</summary>
public sealed class OpenSpecs : ReplicaSpec
{
    private static readonly TimeSpan AWhile = TimeSpan.FromSeconds(10);

    [Fact]
    public void A_new_replica_opens_clean_0_with_an_incarnation_that_its_restart_ends()
    {
        Create();
        ReplicaOpened first = Open(epoch: 3);
        Assert.Equal((0UL, false, 0L), (first.Clean, first.Continuous, first.Serial));
        Assert.NotEqual(0UL, first.Incarnation);
        Restart();
        Assert.NotEqual(first.Incarnation, Open(epoch: 3).Incarnation);
    }

    [Fact]
    public void A_session_within_one_life_keeps_the_incarnation()
    {
        Create();
        ReplicaOpened first = Open(epoch: 3, session: 1);
        Assert.Equal(first.Incarnation, Open(epoch: 3, session: 2).Incarnation);
        Assert.Equal(first.Incarnation, Open(epoch: 4, session: 1).Incarnation);
    }

    [Fact]
    public void An_accepted_epoch_survives_the_power_loss_that_follows_the_answer()
    {
        Create();
        Open(epoch: 7);
        Restart(DiskCrashPolicy.LoseUnsynced);
        SendOpen(epoch: 6, session: 99);
        ExpectRefused(ReplicaRefusal.StaleEpoch);
        Open(epoch: 7);
    }

    [Fact]
    public void An_open_is_not_answered_before_its_epoch_is_durable()
    {
        Create();
        DiskFault stall = Disk.Inject(new DiskFault(DiskFaultEffect.Stall)
        {
            Path = Sidecar,
            Kind = DiskOperationKind.Sync,
        });
        SendOpen(epoch: 7);
        ExpectNoMsg(AWhile);
        Assert.NotEqual(7U, DurableHeader().FenceEpoch);

        Disk.Remove(stall);
        Disk.ReleaseStalled();
        ExpectOpened(epoch: 7, session: 1);
        Assert.Equal(7U, DurableHeader().FenceEpoch);
    }

    [Fact]
    public void An_open_whose_epoch_cannot_be_made_durable_fails_and_a_later_one_may_succeed()
    {
        CreateAndOpen();
        Disk.Inject(new DiskFault(DiskFaultEffect.Fail)
        {
            Path = Sidecar,
            Kind = DiskOperationKind.Sync,
            Once = true,
        });
        SendOpen(epoch: 7, session: 1);
        Assert.Equal(Errno.InputOutput, ExpectRefused(ReplicaRefusal.SyncFailed).Errno);
        Open(epoch: 7, session: 2);
        Assert.Equal(7U, DurableHeader().FenceEpoch);
    }

    [Fact]
    public void What_a_killed_process_left_unsynced_is_durable_before_it_is_believed()
    {
        CreateAndOpen();
        DiskFault stall = Disk.Inject(new DiskFault(DiskFaultEffect.Stall)
        {
            Path = Sidecar,
            Kind = DiskOperationKind.Sync,
        });
        SendOpen(epoch: 7);
        Advance(AWhile);
        Disk.Remove(stall);
        Restart();
        Open(epoch: 7);
        Restart(DiskCrashPolicy.LoseUnsynced);
        SendOpen(epoch: 6);
        ExpectRefused(ReplicaRefusal.StaleEpoch);
    }

    [Theory]
    [InlineData(2U, 9U)]
    [InlineData(3U, 4U)]
    [InlineData(3U, 5U)]
    [InlineData(3U, 0U)]
    public void An_open_that_is_not_higher_than_the_last_is_refused(uint epoch, uint session)
    {
        Create();
        Open(epoch: 3, session: 5);
        SendOpen(epoch, session);
        ExpectRefused(ReplicaRefusal.StaleEpoch);
        Write(0, Noise(1, 4096), counter: 1);
    }

    [Fact]
    public void An_open_waits_for_late_writes_of_the_session_before_and_they_are_not_vouched_for()
    {
        CreateAndOpen();
        Write(0, Noise(9, 4096), counter: 1);
        byte[] late = Noise(1, 4096);
        Disk.Inject(new DiskFault(DiskFaultEffect.Stall) { Path = Data, Once = true });
        SendWrite(0, late, counter: 1);
        SendOpen(epoch: 2);
        ExpectNoMsg(AWhile);

        Disk.ReleaseStalled();
        ExpectRefused(ReplicaRefusal.StaleEpoch);
        ExpectOpened(epoch: 2, session: 1);
        Assert.Equal(late, Read(0, 4096));
    }

    [Fact]
    public void P14_a_confirmation_does_without_the_disk_and_is_given_to_the_open_session_alone()
    {
        CreateAndOpen();
        ReplicaTicket before = Ticket;
        DiskFault stall = Disk.Inject(new DiskFault(DiskFaultEffect.Stall));
        Probe.Send(Replica, new ConfirmReplica(71, before));
        Assert.Equal(new ReplicaDone(71), ExpectMsg<ReplicaDone>());

        SendOpen(epoch: 2);
        ExpectNoMsg(AWhile);
        Probe.Send(Replica, new ConfirmReplica(72, before));
        Assert.Equal(72, ExpectRefused(ReplicaRefusal.StaleEpoch).Tag);

        Disk.Remove(stall);
        Disk.ReleaseStalled();
        ExpectOpened(epoch: 2, session: 1);
        Probe.Send(Replica, new ConfirmReplica(73, before with { Epoch = 2, Incarnation = 9 }));
        ExpectRefused(ReplicaRefusal.WrongIncarnation);
    }

    [Fact]
    public void Requests_of_the_session_before_are_refused_from_the_acceptance_on()
    {
        CreateAndOpen();
        Write(0, Noise(9, 4096), counter: 1);
        Disk.Inject(new DiskFault(DiskFaultEffect.Stall) { Path = Data, Once = true });
        SendWrite(0, Noise(1, 4096), counter: 1);
        SendOpen(epoch: 2);
        Settle();
        SendWrite(1 << 20, Noise(2, 4096), counter: 2);
        ExpectRefused(ReplicaRefusal.StaleEpoch);
        Disk.ReleaseStalled();
        ExpectRefused(ReplicaRefusal.StaleEpoch);
        ExpectOpened(epoch: 2, session: 1);
        Assert.Equal(new byte[4096], Read(1 << 20, 4096));
    }

    [Fact]
    public void An_open_overtaken_by_a_higher_one_is_refused()
    {
        CreateAndOpen();
        Write(0, Noise(9, 4096), counter: 1);
        Disk.Inject(new DiskFault(DiskFaultEffect.Stall) { Path = Data, Once = true });
        SendWrite(0, Noise(1, 4096), counter: 1);
        SendOpen(epoch: 2);
        SendOpen(epoch: 3);
        ExpectRefused(ReplicaRefusal.StaleEpoch);
        Disk.ReleaseStalled();
        ExpectRefused(ReplicaRefusal.StaleEpoch);
        ExpectOpened(epoch: 3, session: 1);
    }

    [Theory]
    [InlineData(1U, 1U, 1UL, ReplicaRefusal.StaleEpoch)]
    [InlineData(2U, 1U, 0UL, ReplicaRefusal.StaleEpoch)]
    [InlineData(2U, 2U, 1UL, ReplicaRefusal.WrongIncarnation)]
    [InlineData(2U, 3U, 0UL, ReplicaRefusal.WrongIncarnation)]
    [InlineData(3U, 1U, 0UL, ReplicaRefusal.WrongIncarnation)]
    public void A_request_with_any_other_ticket_is_refused_with_the_file_untouched(
        uint epoch, uint session, ulong incarnationOff, ReplicaRefusal refusal)
    {
        Create();
        ReplicaOpened opened = Open(epoch: 2, session: 2);
        ReplicaTicket ticket = new(epoch, session, opened.Incarnation + incarnationOff);
        PooledBuffer payload = PooledBuffer.CopyOf(Noise(1, 4096));
        Probe.Send(Replica, new WriteReplica(1, ticket, 5, 0, 0, payload, Fua: false));
        ExpectRefused(refusal);
        Assert.Throws<InvalidOperationException>(() => payload.Memory);
        Probe.Send(
            Replica, new ReadReplica(1, ticket, 0, 4096, ReplicaReadMode.Digest, DigestKind.Xxh128));
        ExpectRefused(refusal);
        Probe.Send(Replica, new FlushReplica(1, ticket, 0));
        ExpectRefused(refusal);
        Assert.Equal(new byte[4096], Disk.Peek(Data, 0, 4096));
    }

    [Fact]
    public void Ids_are_checked_before_epochs()
    {
        CreateAndOpen();
        foreach (ReplicaIdentity other in (ReplicaIdentity[])
            [Identity with { VolumeId = Guid.Empty }, Identity with { ReplicaId = Guid.Empty }])
        {
            Probe.Send(Storage, new OpenReplica(1, other, 0, Epoch: 0, Session: 0));
            ExpectRefused(ReplicaRefusal.WrongReplica);
            Probe.Send(Storage, new RemoveReplica(1, other, Serial: 0, Epoch: 2));
            ExpectRefused(ReplicaRefusal.WrongReplica);
        }

        Restart();
        Probe.Send(Storage, new OpenReplica(1, Identity with { VolumeId = Guid.Empty }, 0, 0, 0));
        ExpectRefused(ReplicaRefusal.WrongReplica);
        Open(epoch: 2);
    }

    [Fact]
    public void An_opener_whose_record_is_older_than_the_copy_is_refused()
    {
        CreateAndOpen();
        byte[] record = Noise(3, StoreReplicaRecord.LengthMaxBytes);
        Probe.Send(Replica, new StoreReplicaRecord(9, Ticket, Serial: 12, record));
        Assert.Equal(9, ExpectMsg<ReplicaDone>().Tag);
        Restart(DiskCrashPolicy.LoseUnsynced);
        Assert.Equal(record, DurableHeader().Record.ToArray());

        SendOpen(epoch: 2, serial: 11);
        ExpectRefused(ReplicaRefusal.StaleSerial);
        Assert.Equal(12, Open(epoch: 2, serial: 12).Serial);
        Probe.Send(Replica, new StoreReplicaRecord(10, Ticket, Serial: 11, record));
        ExpectRefused(ReplicaRefusal.StaleSerial);
        Probe.Send(Replica, new StoreReplicaRecord(10, Ticket, Serial: 13, new byte[record.Length + 1]));
        ExpectRefused(ReplicaRefusal.BadRequest);
    }

    [Fact]
    public void What_is_not_there_is_an_unknown_volume_and_what_is_held_is_busy()
    {
        SendOpen(epoch: 1);
        ExpectRefused(ReplicaRefusal.UnknownVolume);
        Create();
        Disk.Inject(new DiskFault(DiskFaultEffect.FailOpen)
        {
            Path = Data,
            Errno = Errno.TryAgain,
            Once = true,
        });
        SendOpen(epoch: 1);
        ExpectRefused(ReplicaRefusal.Busy);
    }

    [Fact]
    public void A_clean_close_is_recorded_until_the_next_open()
    {
        CreateAndOpen();
        Write(0, Noise(1, 4096), counter: 1);
        Probe.Send(Replica, new CloseReplica(1, Ticket));
        ExpectMsg<ReplicaDone>();
        SendWrite(0, Noise(2, 4096), counter: 2);
        ExpectRefused(ReplicaRefusal.WrongIncarnation);

        Restart(DiskCrashPolicy.LoseUnsynced);
        Assert.True(DurableHeader().ClosedCleanly);
        Open(epoch: 2);
        Assert.Equal(Noise(1, 4096), Read(0, 4096));
        Assert.False(DurableHeader().ClosedCleanly);
    }

    [Fact]
    public void A_close_waits_for_the_requests_before_it()
    {
        CreateAndOpen();
        Disk.Inject(new DiskFault(DiskFaultEffect.Stall) { Path = Data, Once = true });
        SendWrite(0, Noise(1, 4096), counter: 1);
        Probe.Send(Replica, new CloseReplica(1, Ticket));
        ExpectNoMsg(AWhile);
        Disk.ReleaseStalled();
        ExpectMsg<ReplicaDone>();
        ExpectMsg<ReplicaDone>();
        Restart(DiskCrashPolicy.LoseUnsynced);
        Assert.Equal(Noise(1, 4096), Disk.PeekDurable(Data, 0, 4096));
    }
}
