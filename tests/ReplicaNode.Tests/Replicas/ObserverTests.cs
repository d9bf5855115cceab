using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.Messages.Digests;
using Replication.ReplicaNode.Observing;
using Replication.TestKit.Simulation.Disks;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>What an observer is told of a replica's requests.</summary>
public sealed class ObserverTests : ReplicaSpec
{
    private const int Block = 4096;

    [Fact]
    public void A_write_is_reported_with_its_range_and_its_times_in_order()
    {
        CreateAndOpen();
        Reports.Clear();
        long before = World.Time.GetTimestamp();

        Write(Block, Noise(1, Block), counter: 1);

        ReplicaReport report = Assert.Single(Reports);
        Assert.Equal(ReplicaOperation.Write, report.Operation);
        Assert.Equal(("demo", Identity.VolumeId), (report.VolumeName, report.VolumeId));
        Assert.Equal((Block, (long)Block), (report.OffsetBytes, report.LengthBytes));
        Assert.Equal((0, null, null), (report.Errno, report.Refusal, report.Reason));
        Assert.Equal(Ticket.Epoch, report.Id.Epoch);
        Assert.True(before <= report.ArrivedAt && report.ArrivedAt < report.DiskStartedAt);
        Assert.True(report.DiskStartedAt < report.DiskEndedAt && report.DiskEndedAt <= report.AnsweredAt);
    }

    [Fact]
    public void A_write_that_is_durable_before_its_answer_is_answered_behind_the_disks_work()
    {
        CreateAndOpen();
        Write(0, Noise(1, Block), counter: 1);
        Reports.Clear();

        Write(0, Noise(1, Block), counter: 2, fua: true);

        ReplicaReport report = Assert.Single(Reports);
        Assert.True(report.DiskStartedAt < report.DiskEndedAt && report.DiskEndedAt < report.AnsweredAt);
    }

    [Fact]
    public void Every_request_is_reported_once_by_its_operation()
    {
        CreateAndOpen();
        Reports.Clear();

        Write(0, Noise(1, Block), counter: 1);
        Read(0, Block);
        Probe.Send(
            Replica, new ReadReplica(NextTag, Ticket, 0, Block, ReplicaReadMode.Digest, DigestKind.Xxh128));
        ExpectMsg<ReplicaRead>();
        Probe.Send(
            Replica,
            new ZeroReplica(NextTag, Ticket, Stamp(1, 2), 0, 0, Block, ZeroMode.MayPunch, Fua: false));
        ExpectMsg<ReplicaDone>();
        Restamp(0, Block, Stamp(1, 3));
        Flush();
        Probe.Send(Replica, new QueryReplicaExtents(NextTag, Ticket, 0, Block));
        ExpectMsg<ReplicaExtents>();
        ListRegions();
        Probe.Send(Replica, new StoreReplicaRecord(NextTag, Ticket, 5, new byte[] { 1 }));
        ExpectMsg<ReplicaDone>();
        Acknowledge();
        Probe.Send(Replica, new ConfirmReplica(NextTag, Ticket));
        ExpectMsg<ReplicaDone>();
        Close();

        Assert.Equal(
            [
                ReplicaOperation.Write, ReplicaOperation.Read, ReplicaOperation.Digest,
                ReplicaOperation.Zero, ReplicaOperation.Stamp, ReplicaOperation.Flush,
                ReplicaOperation.Extents, ReplicaOperation.Regions, ReplicaOperation.StoreRecord,
                ReplicaOperation.Settle, ReplicaOperation.Confirm, ReplicaOperation.Close,
            ],
            Reports.Select(static report => report.Operation));
    }

    [Fact]
    public void A_refused_request_is_reported_with_the_refusal_and_its_reason()
    {
        CreateAndOpen();
        Reports.Clear();

        Probe.Send(
            Replica, new ReadReplica(NextTag, Ticket, Size, Block, ReplicaReadMode.Data, DigestKind.Xxh128));
        ReplicaFailed failed = ExpectRefused(ReplicaRefusal.BadRequest);

        ReplicaReport report = Assert.Single(Reports);
        Assert.Equal(ReplicaRefusal.BadRequest, report.Refusal);
        Assert.Equal((failed.Errno, failed.Reason), (report.Errno, report.Reason));
    }

    [Fact]
    public void A_report_names_the_request_of_the_volume_that_the_replica_was_asked_for()
    {
        CreateAndOpen();
        Reports.Clear();

        Probe.Send(Replica, new FlushReplica(NextTag, Ticket, Checkpoint: 0) { RequestNumber = 17 });
        ExpectMsg<ReplicaDone>();

        Assert.Equal(new RequestId(Ticket.Epoch, 17), Assert.Single(Reports).Id);
    }

    [Fact]
    public void A_sync_that_fails_is_reported_for_each_request_that_waited_for_it()
    {
        CreateAndOpen();
        Write(0, Noise(1, Block), counter: 1);
        Reports.Clear();
        Disk.Inject(
            new DiskFault(DiskFaultEffect.Fail) { Path = Data, Errno = Errno.InputOutput, Once = true });

        SendFlush();
        ExpectRefused(ReplicaRefusal.SyncFailed);

        ReplicaReport report = Assert.Single(Reports);
        Assert.Equal((ReplicaOperation.Flush, ReplicaRefusal.SyncFailed), (report.Operation, report.Refusal));
        Assert.Equal(Errno.InputOutput, report.Errno);
    }
}
