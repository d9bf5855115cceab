using Replication.Actors.Asking;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit.Simulation;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Opening (P9, P10): the epoch first, then the children, f of them at least.</summary>
public sealed class OpeningSpecs : VolumeSpec
{
    [Fact]
    public void P10_the_epoch_is_raised_in_the_store_before_any_child_is_opened()
    {
        Start();
        HoldStore();
        Settle();
        Assert.All(Nodes, static node => Assert.Empty(node.Asked));
        StepStore();
        Settle();
        Assert.Equal((1u, "gateway-1"), (Recorded.Epoch, Recorded.Owner));
        Assert.All(Nodes, static node => Assert.Empty(node.Asked));
        ReleaseStore();

        Assert.Equal(VolumeCondition.Healthy, Opened().Condition);
        foreach (ReplicaStandIn node in Nodes)
        {
            OpenReplica open = Assert.Single(node.AskedFor<OpenReplica>());
            Assert.Equal((1u, 1u, Recorded.Serial), (open.Epoch, open.Session, open.Serial));
            Assert.Equal(("demo", Recorded.Id, (long)SizeBytes),
                (open.Identity.VolumeName, open.Identity.VolumeId, open.Identity.SizeBytes));
        }
    }

    [Fact]
    public void Requests_wait_for_the_opening_and_are_then_served_in_order()
    {
        Start();
        ClientReply write = Write(0, Filled(10, 5));
        ClientReply read = Read(0, 10);

        read.Expect<RangeRead>();
        Assert.Equal(Filled(10, 5), read.Bytes);
        write.Expect<RangeDone>();
        Assert.Equal(1u, Nodes[0].AskedFor<WriteReplica>()[0].Ticket.Epoch);
        Assert.Equal(100UL, Nodes[0].AskedFor<WriteReplica>()[0].Ticket.Incarnation);
    }

    [Fact]
    public void P10_after_the_open_timeout_f_children_suffice_and_the_missing_one_is_recorded_stale_first()
    {
        Start(arrange: static nodes => nodes[2].Keep<OpenReplica>());
        ClientReply write = Write(0, Filled(10, 5));
        Advance(TimeSpan.FromSeconds(4.5));
        Assert.False(write.IsAnswered);
        Assert.Equal(3, Recorded.SyncedCount);
        HoldStore();
        Advance(TimeSpan.FromSeconds(2));
        Assert.False(write.IsAnswered);
        Assert.Empty(Nodes[0].AskedFor<WriteReplica>());
        ReleaseStore();

        write.Expect<RangeDone>();
        Assert.Equal([ChildState.Synced, ChildState.Synced, ChildState.Stale], RecordedStates);
        Assert.Equal(VolumeCondition.Degraded, Status().Condition);
    }

    [Fact]
    public void P10_with_fewer_than_f_children_nothing_is_recorded_and_requests_fail_until_they_return()
    {
        Start(arrange: static nodes =>
        {
            nodes[1].Keep<OpenReplica>();
            nodes[2].Keep<OpenReplica>();
        });
        ClientReply early = Write(0, Filled(10, 5));
        early.ExpectErrno(Errno.InputOutput, TimeSpan.FromSeconds(7));
        Read(0, 10).ExpectErrno(Errno.InputOutput);
        Assert.Equal(VolumeCondition.Suspended, Status().Condition);
        Assert.Equal(3, Recorded.SyncedCount);

        Nodes[1].Answers = null;
        Nodes[2].Answers = null;
        Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
        Read(0, 10).Expect<RangeRead>();
    }

    [Theory]
    [InlineData(ReplicaRefusal.StaleEpoch)]
    [InlineData(ReplicaRefusal.StaleSerial)]
    public void P4_a_replica_that_knows_better_stops_the_opening(ReplicaRefusal refusal)
    {
        Start(arrange: nodes => nodes[1].Answers = request => request is OpenReplica open
            ? new ReplicaFailed(open.Tag, refusal, Errno.Stale, "knows better")
            : null);

        ClientReply read = Read(0, 10);

        read.ExpectErrno(Errno.InputOutput);
        VolumeStatus status = Status();
        Assert.Equal(VolumeCondition.Failed, status.Condition);
        Assert.Contains("knows better", status.Reason, StringComparison.Ordinal);
        Assert.Equal(3, Recorded.SyncedCount);
    }

    [Fact]
    public void A_child_that_refuses_to_open_for_another_reason_is_asked_again_and_then_recorded_stale()
    {
        Start(arrange: static nodes => nodes[1].Answers = static request => request is OpenReplica open
            ? new ReplicaFailed(open.Tag, ReplicaRefusal.Busy, Errno.TryAgain, "another process")
            : null);

        VolumeStatus status = Opened(8);

        Assert.Equal(VolumeCondition.Degraded, status.Condition);
        Assert.Equal(ChildState.Stale, status.Children[1].State);
        Assert.Equal("another process", status.Children[1].Reason);
        Assert.True(Nodes[1].AskedFor<OpenReplica>().Count > 1);
    }

    [Fact]
    public void P5_a_replica_that_lost_its_sidecar_or_data_gets_no_vote_and_is_recorded_stale()
    {
        Start(arrange: static nodes => nodes[1].Answers = static request => request is OpenReplica open
            ? new ReplicaOpened(open.Tag, 100, 0, Continuous: false, 0) { Incomplete = true }
            : null);

        VolumeStatus status = Opened(8);

        Assert.Equal([ChildState.Synced, ChildState.Stale, ChildState.Synced], RecordedStates);
        Assert.Contains("lost its sidecar", status.Children[1].Reason, StringComparison.Ordinal);
        Write(0, Filled(10, 5)).Expect<RangeDone>();
        Assert.Empty(Nodes[1].AskedFor<WriteReplica>());
    }

    [Fact]
    public void P5_two_of_three_replicas_that_lost_data_do_not_outvote_the_third()
    {
        Start(arrange: static nodes => nodes[0].Answers = nodes[1].Answers = static request =>
            request is OpenReplica open
                ? new ReplicaOpened(open.Tag, 100, 0, Continuous: false, 0) { Incomplete = true }
                : null);

        Read(0, 10).ExpectErrno(Errno.InputOutput, TimeSpan.FromSeconds(8));
        Assert.Equal([ChildState.Stale, ChildState.Stale, ChildState.Synced], RecordedStates);
        Assert.Equal(VolumeCondition.Suspended, Status().Condition);
    }

    [Fact]
    public void P9_each_attempt_to_open_has_a_session_above_all_earlier_ones_and_only_the_newest_counts()
    {
        Start(arrange: static nodes => nodes[1].Keep<OpenReplica>());
        Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal([1u, 2u], Nodes[1].AskedFor<OpenReplica>().Select(static open => open.Session));
        Nodes[1].Answers = null;
        OpenReplica first = Nodes[1].AskedFor<OpenReplica>()[0];
        Nodes[1].Tell(Volume, new ReplicaOpened(first.Tag, 100, 0, true, 1));
        Settle();
        Assert.Equal(VolumeCondition.Opening, Status().Condition);
        Nodes[1].AnswerKept();

        Assert.Equal(VolumeCondition.Healthy, Opened().Condition);
        Write(0, Filled(10, 5)).Expect<RangeDone>();
        Assert.Equal(2u, Nodes[1].AskedFor<WriteReplica>()[0].Ticket.Session);
    }

    [Fact]
    public void I8_a_child_that_takes_longer_to_open_than_the_retry_comes_up_all_the_same()
    {
        ReplicaStandIn slow = null!;
        Start(arrange: nodes =>
        {
            slow = nodes[1];
            slow.Answers = request =>
            {
                if (request is not OpenReplica)
                {
                    return null;
                }

                World.After(TimeSpan.FromSeconds(1.6), () => slow.Tell(Volume, slow.SoundReply(request)));
                return ReplicaStandIn.Silence;
            };
        });

        Assert.Equal(VolumeCondition.Healthy, Opened(9).Condition);
    }

    [Fact]
    public void A_store_that_fails_stops_the_opening()
    {
        Start();
        Store.LoseNextAnswer(UnknownOutcome.Applied);

        Read(0, 10).ExpectErrno(Errno.InputOutput);

        Assert.Equal(VolumeCondition.Failed, Status().Condition);
        Assert.All(Nodes, static node => Assert.Empty(node.Asked));
    }

    [Fact]
    public void P13_a_child_that_is_out_gets_a_new_session_before_anything_else_is_sent_to_it()
    {
        Open(count: 2, threshold: 2);
        Nodes[1].Keep<WriteReplica>();
        ClientReply lost = Write(0, Filled(10, 1));
        Settle();
        Nodes[1].Keep<OpenReplica>();
        Nodes[1].LoseConnection();
        lost.ExpectErrno(Errno.ConnectionReset);
        Nodes[1].Asked.Clear();

        ClientReply whileOut = Write(Block, Filled(10, 1));
        Advance(Settings.ChildTimeout - TimeSpan.FromSeconds(1));
        Assert.False(whileOut.IsAnswered);
        Advance(TimeSpan.FromSeconds(1));
        whileOut.ExpectErrno(Errno.InputOutput);
        Write(Block, Filled(10, 1)).ExpectErrno(Errno.InputOutput, TimeSpan.Zero);
        Assert.All(Nodes[1].Asked, static asked => Assert.IsType<OpenReplica>(asked));
        Assert.Equal(VolumeCondition.Suspended, Status().Condition);
        Nodes[1].AnswerKept();
        Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
        Write(0, Filled(10, 2)).Expect<RangeDone>();
        uint session = Nodes[1].AskedFor<OpenReplica>()[^1].Session;
        Assert.True(session > 1);
        Assert.Equal(session, Nodes[1].AskedFor<WriteReplica>()[0].Ticket.Session);
        Assert.Equal(2, Recorded.SyncedCount);
    }

    [Fact]
    public void A_child_that_is_soon_back_costs_a_client_time_and_no_error()
    {
        Open(count: 2, threshold: 2);
        Nodes[1].Keep<OpenReplica>();
        Nodes[1].LoseConnection();
        Settle();
        ClientReply whileOut = Write(0, Filled(10, 1));
        Advance(TimeSpan.FromSeconds(2));
        Assert.False(whileOut.IsAnswered);
        Assert.Equal(VolumeCondition.Suspended, Status().Condition);

        Nodes[1].AnswerKept();

        whileOut.Expect<RangeDone>();
    }

    [Fact]
    public void P13_a_write_that_waited_for_a_read_is_not_sent_to_the_child_that_the_read_gave_up()
    {
        Open();
        int silent = NextDataChild() == 0 ? 1 : 0;
        Nodes[silent].Keep<ReadReplica>();
        Read(0, Block).Expect<RangeRead>();
        ClientReply write = Write(0, Filled(10, 1));

        write.Expect<RangeDone>(TimeSpan.FromSeconds(7));

        Assert.Empty(Nodes[silent].AskedFor<WriteReplica>());
        Assert.Equal(ChildState.Stale, RecordedStates[silent]);
    }

    [Fact]
    public void A_connection_lost_again_after_the_child_came_back_counts_again()
    {
        Open(count: 2, threshold: 2);
        Nodes[1].LoseConnection();
        Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
        Nodes[1].Keep<WriteReplica>();
        ClientReply write = Write(0, Filled(10, 1));
        Settle();

        Nodes[1].LoseConnection();

        write.ExpectErrno(Errno.ConnectionReset, TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void P12_a_child_that_comes_back_in_another_life_is_recorded_stale_before_anything_is_answered()
    {
        Open(count: 3, threshold: 2);
        HoldStore();
        Nodes[1].Restart();
        Advance(TimeSpan.FromSeconds(2));
        ClientReply read = Read(0, 10);
        Advance(TimeSpan.FromSeconds(2));
        Assert.False(read.IsAnswered);
        ReleaseStore();

        read.Expect<RangeRead>();
        Assert.Equal(ChildState.Stale, RecordedStates[1]);
    }

    [Fact]
    public void P13_of_two_that_are_out_the_one_that_returns_lets_the_other_be_recorded()
    {
        Open();
        Nodes[1].Keep<object>();
        Nodes[2].Keep<object>();
        Write(0, Filled(10, 1)).ExpectErrno(Errno.TimedOut, TimeSpan.FromSeconds(6));
        Settle();
        Assert.Equal(VolumeCondition.Suspended, Status().Condition);
        Assert.Equal(3, Recorded.SyncedCount);

        Nodes[2].Answers = null;
        Advance(TimeSpan.FromSeconds(8));

        Assert.Equal(VolumeCondition.Degraded, Status().Condition);
        Assert.Equal([ChildState.Synced, ChildState.Stale, ChildState.Synced], RecordedStates);
        Read(Block, 10).Expect<RangeRead>();
        Read(0, 10).Expect<RangeRead>();
        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
    }

    [Fact]
    public void Two_that_were_out_and_return_together_are_both_kept()
    {
        Open();
        Nodes[1].Keep<object>();
        Nodes[2].Keep<object>();
        Write(0, Filled(10, 1)).ExpectErrno(Errno.TimedOut, TimeSpan.FromSeconds(6));

        Nodes[1].Answers = null;
        Nodes[2].Answers = null;
        Advance(TimeSpan.FromSeconds(8));

        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
        Assert.Equal(3, Recorded.SyncedCount);
    }

    [Fact]
    public void P11_a_replica_that_has_accepted_another_owner_stops_the_volume_at_once()
    {
        Open();
        int data = NextDataChild();
        Nodes[data].Keep<ReadReplica>();
        int refusing = (data + 1) % 3;
        Nodes[refusing].FailAll<ReadReplica>(Errno.Stale, ReplicaRefusal.StaleEpoch);

        ClientReply read = Read(0, Block);
        Settle();

        Assert.Equal(VolumeCondition.Failed, Status().Condition);
        Write(2 * Block, Filled(10, 1)).ExpectErrno(Errno.InputOutput);
        Nodes[data].AnswerKept();
        Settle();
        Assert.True(read.IsAnswered);
    }

    [Fact]
    public void The_condition_is_published_when_it_changes_and_only_then()
    {
        Start();
        Opened();
        Read(0, 10).Expect<RangeRead>();

        Assert.Equal(
            [VolumeCondition.Healthy],
            Published<VolumeConditionChanged>().Select(static one => one.Condition));
    }

    [Fact]
    public void A_volume_is_opening_until_what_changes_its_record_lets_it_work_out_that_it_is_well()
    {
        Start(arrange: static nodes => nodes[0].Keep<StoreReplicaRecord>());
        Task<VolumeStatus> opened =
            Volume.Ask<VolumeStatus>(new AwaitOpening(), TimeSpan.FromSeconds(3), World.Time);
        Advance(TimeSpan.FromMilliseconds(100));
        Probe.Send(Volume, new AddExport("demo", new VolumeExport("x", "x", false, "")));
        Settle();
        HoldStore();
        Nodes[0].AnswerKept();
        Settle();

        VolumeStatus status = Status();
        Assert.Equal(
            (VolumeCondition.Opening, "its children are being opened"), (status.Condition, status.Reason));
        Assert.False(opened.IsCompleted);
        ReleaseStore();

        Assert.Equal((VolumeCondition.Healthy, null), (Await(opened).Condition, Await(opened).Reason));
        Assert.Equal(
            [VolumeCondition.Healthy],
            Published<VolumeConditionChanged>().Select(static told => told.Condition));
    }
}
