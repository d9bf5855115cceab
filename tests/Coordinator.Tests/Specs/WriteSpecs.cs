using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>The write rule (P15): acknowledged means on every child recorded Synced.</summary>
public sealed class WriteSpecs : VolumeSpec
{
    [Fact]
    public void A_write_is_acknowledged_when_every_child_has_it()
    {
        Open();
        Nodes[2].Keep<WriteReplica>();

        ClientReply write = Write(100, Filled(50, 7));
        Advance(TimeSpan.FromSeconds(4));
        Assert.False(write.IsAnswered);
        Nodes[2].AnswerKept();

        write.Expect<RangeDone>();
        Assert.All(Nodes, static node => Assert.Equal(Filled(50, 7), node.Data.AsSpan(100, 50).ToArray()));
        Assert.Empty(Events);
    }

    [Fact]
    public void One_payload_serves_all_the_sends()
    {
        Open();
        Array.ForEach(Nodes, static node => node.Keep<WriteReplica>());

        ClientReply write = Write(0, Filled(10, 1));
        Settle();

        Assert.Single(
            Nodes.Select(static node => Assert.Single(node.AskedFor<WriteReplica>()).Payload).Distinct());
        Assert.Equal(4, BufferLedger.References(Nodes[0].AskedFor<WriteReplica>()[0].Payload));
        Array.ForEach(Nodes, static node => node.AnswerKept());
        write.Expect<RangeDone>();
    }

    [Fact]
    public void P15_a_child_that_fails_is_recorded_stale_before_the_write_is_acknowledged()
    {
        Open();
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        HoldStore();

        ClientReply write = Write(0, Filled(10, 1));
        Advance(TimeSpan.FromSeconds(2));
        Assert.False(write.IsAnswered);
        Assert.Equal(3, Recorded.SyncedCount);
        StepStore();
        Settle();
        Assert.Equal(ChildState.Stale, RecordedStates[1]);
        Assert.False(write.IsAnswered);
        ReleaseStore();

        write.Expect<RangeDone>();
        Assert.Equal(
            new ChildStateChanged(
                Published<ChildStateChanged>()[0].At,
                "demo",
                "children.1",
                "demo-node2",
                ChildState.Stale,
                "told to fail"),
            Assert.Single(Published<ChildStateChanged>()));
        QuorumReportBad report = Assert.Single(Published<QuorumReportBad>());
        Assert.Equal(
            (QuorumOperation.Write, "No space left on device", "demo-node2", 0L, 1L),
            (report.Operation, report.Error, report.NodeName, report.SectorNum, report.SectorsCount));
        Assert.Equal(1, Status().Children[1].Counters.WriteErrors);
    }

    [Fact]
    public void I4_a_stale_child_is_asked_nothing_any_more()
    {
        Open();
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Settle();
        Nodes[1].Asked.Clear();

        Read(0, Block).Expect<RangeRead>();
        Write(0, Filled(10, 2)).Expect<RangeDone>();
        Flush().Expect<RangeDone>();
        Ask(new QueryRangeExtents(0, Block)).Expect<RangeExtents>();
        Advance(TimeSpan.FromSeconds(10));

        Assert.Empty(Nodes[1].Asked);
    }

    [Fact]
    public void P15_where_too_few_would_remain_the_client_gets_the_voted_error_and_nothing_is_recorded()
    {
        Open();
        Nodes[0].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);

        Write(512, Filled(512, 1)).ExpectErrno(Errno.NoSpace);

        Settle();
        Assert.Equal(3, Recorded.SyncedCount);
        QuorumFailure failure = Assert.Single(Published<QuorumFailure>());
        Assert.Equal((1L, 1L), (failure.SectorNum, failure.SectorsCount));
        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
    }

    [Fact]
    public void P17_a_range_whose_write_failed_and_cannot_be_reconciled_fails_reads_until_a_write_covers_it()
    {
        Open();
        Nodes[0].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[2].FailAll<ReadReplica>(Errno.InputOutput);
        Write(1000, Filled(100, 1)).ExpectErrno(Errno.NoSpace);
        Array.ForEach(Nodes, static node => node.FailAll<StampReplica>(Errno.InputOutput));
        TimeSpan begin = World.Elapsed;

        ClientReply read = Read(1099, 1);
        read.ExpectErrno(Errno.InputOutput, TimeSpan.FromSeconds(6));
        Assert.InRange((read.AnsweredAt - begin).TotalSeconds, 5, 6);
        Read(Block, 512).Expect<RangeRead>();
        Write(1000, Filled(60, 2)).Expect<RangeDone>();
        Read(1000, 60).Expect<RangeRead>();
        Read(1000, 61).ExpectErrno(Errno.InputOutput, TimeSpan.FromSeconds(6));
        Ask(new ZeroRange(0, Block, ZeroMode.MayPunch, Fua: false)).Expect<RangeDone>();

        Read(1000, 100).Expect<RangeRead>();
        Assert.Equal(0, Status().UnreconciledBytes);
    }

    [Fact]
    public void P13_children_that_fail_one_write_are_judged_in_one_compare_and_set()
    {
        Open(count: 5, threshold: 3);
        Nodes[0].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[4].FailAll<WriteReplica>(Errno.InputOutput);
        long revision = Store.Revision;

        Write(0, Filled(10, 1)).Expect<RangeDone>();

        Assert.Equal(revision + 1, Store.Revision);
        Assert.Equal(
            [ChildState.Stale, ChildState.Synced, ChildState.Synced, ChildState.Synced, ChildState.Stale],
            RecordedStates);
    }

    [Fact]
    public void P13_of_three_that_fail_together_where_only_two_may_none_is_recorded()
    {
        Open(count: 5, threshold: 3);
        Nodes[0].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[2].FailAll<WriteReplica>(Errno.InputOutput);
        long revision = Store.Revision;

        Write(0, Filled(10, 1)).ExpectErrno(Errno.NoSpace);

        Settle();
        Assert.Equal(revision, Store.Revision);
    }

    [Fact]
    public void P13_a_child_that_does_not_answer_a_write_for_5_s_is_out()
    {
        Open();
        Nodes[1].Keep<WriteReplica>();
        TimeSpan start = World.Elapsed;

        ClientReply write = Write(0, Filled(10, 1));
        write.Expect<RangeDone>(TimeSpan.FromSeconds(10));

        Assert.InRange(write.AnsweredAt - start, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.6));
        Assert.Equal(ChildState.Stale, RecordedStates[1]);
    }

    [Fact]
    public void P13_a_lost_connection_counts_at_once_for_every_request_under_way()
    {
        Open();
        Nodes[1].Keep<ReplicaRequest>();
        ClientReply write = Write(0, Filled(10, 1));
        ClientReply other = Write(Block, Filled(10, 1));
        ClientReply flush = Flush();
        Settle();

        Nodes[1].LoseConnection();

        write.Expect<RangeDone>(TimeSpan.FromMilliseconds(50));
        other.Expect<RangeDone>(TimeSpan.FromMilliseconds(50));
        flush.Expect<RangeDone>(TimeSpan.FromMilliseconds(50));
        Assert.Equal(ChildState.Stale, RecordedStates[1]);
    }

    [Fact]
    public void P13_nobody_waits_for_a_child_that_has_been_recorded_stale()
    {
        Open();
        Nodes[1].Answers = static request => request is WriteReplica { OffsetBytes: 0 } failed
            ? new ReplicaFailed(failed.Tag, ReplicaRefusal.DiskError, Errno.InputOutput, "bad disk")
            : request is WriteReplica ? ReplicaStandIn.Silence : null;
        ClientReply stuck = Write(Block, Filled(10, 1));
        Settle();

        Write(0, Filled(10, 1)).Expect<RangeDone>();

        stuck.Expect<RangeDone>(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void Requests_wait_while_the_record_changes_and_start_with_the_new_children_in_order()
    {
        Open();
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        HoldStore();
        ClientReply failing = Write(0, Filled(10, 1));
        Settle();
        Forget();

        ClientReply first = Write(Block, Filled(10, 2));
        ClientReply second = Write(Block, Filled(10, 3));
        ClientReply read = Read(Block, 10);
        Advance(TimeSpan.FromSeconds(1));
        Assert.All(Nodes, static node => Assert.Empty(node.Asked));
        ReleaseStore();

        failing.Expect<RangeDone>();
        first.Expect<RangeDone>();
        second.Expect<RangeDone>();
        read.Expect<RangeRead>();
        Assert.Equal(Filled(10, 3), read.Bytes);
        Assert.Empty(Nodes[1].Asked);
    }

    [Fact]
    public void Discard_and_write_zeroes_follow_the_write_rule()
    {
        Open();
        Nodes[2].FailAll<ZeroReplica>(Errno.NotSupported);

        Ask(new ZeroRange(0, 1 << 19, ZeroMode.KeepAllocated, Fua: true)).Expect<RangeDone>();

        ZeroReplica zero = Assert.Single(Nodes[0].AskedFor<ZeroReplica>());
        Assert.Equal(
            (0L, 1L << 19, ZeroMode.KeepAllocated, true),
            (zero.OffsetBytes, zero.LengthBytes, zero.Mode, zero.Fua));
        Assert.Equal(ChildState.Stale, RecordedStates[2]);
    }

    [Fact]
    public void Fua_travels_with_the_write_and_durability_write_makes_every_write_one()
    {
        Options = Options with { Durability = Durability.Write };
        Open();
        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Assert.True(Nodes[0].AskedFor<WriteReplica>()[0].Fua);
    }

    [Fact]
    public void A_write_without_fua_asks_for_none()
    {
        Open();
        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Write(0, Filled(10, 1), fua: true).Expect<RangeDone>();
        Assert.Equal([false, true], Nodes[0].AskedFor<WriteReplica>().Select(static write => write.Fua));
    }

    [Fact]
    public void Status_says_who_is_stale_since_when_and_why()
    {
        Open();
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Settle();

        VolumeStatus status = Status();

        Assert.Equal(VolumeCondition.Degraded, status.Condition);
        Assert.Contains("demo-node2 is stale (told to fail)", status.Reason, StringComparison.Ordinal);
        Assert.Equal(ChildState.Stale, status.Children[1].State);
        Assert.Equal("told to fail", status.Children[1].Reason);
        Assert.NotNull(status.Children[1].Since);
        Assert.Equal(
            [VolumeCondition.Degraded],
            Published<VolumeConditionChanged>().Select(static one => one.Condition));
    }
}
