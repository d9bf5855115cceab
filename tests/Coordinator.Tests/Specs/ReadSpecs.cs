using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>
/// The read of DESIGN.md section 4: votes of digests, early answer, data that matches the winner.
/// </summary>
public sealed class ReadSpecs : VolumeSpec
{
    [Fact]
    public void One_child_is_asked_for_data_and_the_others_for_digests_only()
    {
        Open();

        ClientReply read = Read(100, 5000);

        read.Expect<RangeRead>();
        Assert.Equal(Nodes[0].Data.AsSpan(100, 5000).ToArray(), read.Bytes);
        ReadReplica[] asked = [.. Nodes.Select(static node => Assert.Single(node.AskedFor<ReadReplica>()))];
        Assert.Single(asked, static one => one.Mode == ReplicaReadMode.Data);
        Assert.Equal(2, asked.Count(static one => one.Mode == ReplicaReadMode.Digest));
        Assert.Empty(Events);
    }

    [Fact]
    public void The_data_child_is_chosen_in_rotation()
    {
        Open();
        HashSet<int> seen = [];
        for (int i = 0; i < 3; i++)
        {
            ClientReply read = Read(i * Block, Block);
            read.Expect<RangeRead>();
            seen.Add(DataChildOf(read));
        }

        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public void P14_the_client_is_answered_by_t_while_the_last_child_is_still_silent()
    {
        Open();
        int silent = NextDataChild() == 0 ? 1 : 0;
        Nodes[silent].Keep<ReadReplica>();

        ClientReply read = Read(0, Block);

        read.Expect<RangeRead>(TimeSpan.FromMilliseconds(5));
        Nodes[silent].AnswerKept();
        Settle();
        Assert.Empty(Events);
    }

    [Fact]
    public void P14_with_a_threshold_of_half_all_are_waited_for()
    {
        Open(count: 2, threshold: 1);
        int silent = NextDataChild() == 0 ? 1 : 0;
        Nodes[silent].Keep<ReadReplica>();

        ClientReply read = Read(0, Block);

        Advance(TimeSpan.FromSeconds(1));
        Assert.False(read.IsAnswered);
        Nodes[silent].AnswerKept();
        read.Expect<RangeRead>();
    }

    [Fact]
    public void A_tie_of_two_at_threshold_one_serves_the_last_childs_data_and_repairs_nothing()
    {
        Open(count: 2, threshold: 1);
        Nodes[0].Lie(0, 10);

        ClientReply read = Read(0, Block);

        read.Expect<RangeRead>();
        Assert.Equal(Nodes[1].Data.AsSpan(0, Block).ToArray(), read.Bytes);
        Settle();
        Assert.Equal("demo-node1", Assert.Single(Published<QuorumReportBad>()).NodeName);
        Assert.Empty(Published<RangeRepaired>());
        Assert.Empty(Nodes[0].AskedFor<WriteReplica>());
    }

    [Fact]
    public void A_data_child_that_loses_the_vote_has_the_data_fetched_from_a_winner()
    {
        Open();
        int liar = NextDataChild();
        byte[] truth = Nodes[liar].Data.AsSpan(0, Block).ToArray();
        Nodes[liar].Lie(7, 1);

        ClientReply read = Read(0, Block);

        read.Expect<RangeRead>();
        Assert.Equal(truth, read.Bytes);
        Settle();
        Assert.Equal(truth, Nodes[liar].Data.AsSpan(0, Block).ToArray());
    }

    [Fact]
    public void A_digest_that_a_replica_claims_of_data_it_did_not_send_counts_for_nothing()
    {
        Open();
        int liar = NextDataChild();
        Nodes[liar].Answers = request => request is ReadReplica { Mode: ReplicaReadMode.Data } read
            ? ((ReplicaRead)Nodes[(liar + 1) % 3].SoundReply(read with
            {
                Mode = ReplicaReadMode.Digest,
                Ticket = Nodes[(liar + 1) % 3].Ticket,
            })) with
            {
                Data = Buffers.CopyOf(Filled(Block, 0)),
            }
            : null;
        Nodes[(liar + 1) % 3].Asked.Clear();
        Nodes[(liar + 2) % 3].Keep<ReadReplica>();

        ClientReply read = Read(0, Block);

        Settle();
        Assert.False(read.IsAnswered);
        Nodes[(liar + 2) % 3].AnswerKept();
        read.Expect<RangeRead>();
        Assert.Equal(Nodes[(liar + 2) % 3].Data.AsSpan(0, Block).ToArray(), read.Bytes);
    }

    [Fact]
    public void A_data_child_that_lags_is_hedged_after_20_ms()
    {
        Open();
        int slow = NextDataChild();
        Nodes[slow].Keep<ReadReplica>();
        TimeSpan start = World.Elapsed;

        ClientReply read = Read(0, Block);

        read.Expect<RangeRead>();
        Assert.Equal(TimeSpan.FromMilliseconds(20), read.AnsweredAt - start);
        Assert.Equal(Nodes[0].Data.AsSpan(0, Block).ToArray(), read.Bytes);
        Nodes[slow].AnswerKept();
        Settle();
        Assert.Empty(Events);
    }

    [Fact]
    public void Data_that_arrives_before_the_hedge_elapses_is_served_and_nothing_is_fetched()
    {
        Open();
        int slow = NextDataChild();
        Nodes[slow].Keep<ReadReplica>();

        ClientReply read = Read(0, Block);
        Advance(TimeSpan.FromMilliseconds(19));
        Assert.False(read.IsAnswered);
        Nodes[slow].AnswerKept();

        read.Expect<RangeRead>();
        Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, Nodes.Sum(static node => node.AskedFor<ReadReplica>().Count));
    }

    [Fact]
    public void Data_that_arrives_while_it_is_being_fetched_elsewhere_is_served_once()
    {
        Open();
        int slow = NextDataChild();
        Nodes[slow].Keep<ReadReplica>();
        int fetched = slow == 0 ? 1 : 0;
        Nodes[fetched].Keep<ReadReplica>(static read => read.Mode == ReplicaReadMode.Data);

        ClientReply read = Read(0, Block);
        Advance(TimeSpan.FromMilliseconds(30));
        Assert.Equal(1, Nodes[fetched].KeptCount);
        Nodes[slow].AnswerKept();

        read.Expect<RangeRead>();
        Nodes[fetched].AnswerKept();
        Settle();
        Assert.Empty(Events);
    }

    [Fact]
    public void P13_a_data_child_that_never_answers_is_out_after_its_timeout_and_recorded_stale()
    {
        Open();
        int silent = NextDataChild();
        Nodes[silent].Keep<ReadReplica>();

        Read(0, Block).Expect<RangeRead>();
        Assert.Equal(3, Recorded.SyncedCount);
        Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(ChildState.Stale, RecordedStates[silent]);
        QuorumReportBad report = Assert.Single(Published<QuorumReportBad>());
        Assert.Equal(
            (QuorumOperation.Read, Errno.Text(Errno.TimedOut), $"demo-node{silent + 1}"),
            (report.Operation, report.Error, report.NodeName));
        Assert.Equal(VolumeCondition.Degraded, Status().Condition);
    }

    [Fact]
    public void A_read_error_is_voted_on_reported_with_its_text_and_repaired()
    {
        Open();
        int bad = NextDataChild();
        Nodes[bad].Answers = request => request is ReadReplica read
            ? new ReplicaFailed(read.Tag, ReplicaRefusal.DiskError, Errno.InputOutput, "bad sector")
            : null;
        byte[] truth = Nodes[bad].Data.AsSpan(0, Block).ToArray();
        Nodes[bad].Lie(0, 100);

        ClientReply read = Read(0, Block);

        read.Expect<RangeRead>();
        Assert.Equal(truth, read.Bytes);
        Settle();
        Assert.Equal("Input/output error", Assert.Single(Published<QuorumReportBad>()).Error);
        Assert.Equal($"demo-node{bad + 1}", Assert.Single(Published<RangeRepaired>()).NodeName);
        Assert.Equal(truth, Nodes[bad].Data.AsSpan(0, Block).ToArray());
        Assert.Equal(3, Recorded.SyncedCount);
        Assert.Equal((1, 1, 0), Counted(bad));
    }

    [Fact]
    public void Too_many_read_errors_fail_with_the_error_that_most_children_report()
    {
        Open();
        Nodes[0].FailAll<ReadReplica>(Errno.NoMemory);
        Nodes[1].FailAll<ReadReplica>(Errno.NoSpace);
        Nodes[2].FailAll<ReadReplica>(Errno.NoMemory);

        Read(Block, Block).ExpectErrno(Errno.NoMemory);

        Settle();
        QuorumFailure failure = Assert.Single(Published<QuorumFailure>());
        Assert.Equal(new QuorumFailure(failure.At, "demo", 8, 8), failure);
        Assert.Equal(3, Published<QuorumReportBad>().Count);
    }

    [Fact]
    public void Fetched_data_that_does_not_match_the_winner_is_asked_of_the_next_one()
    {
        Open();
        int liar = NextDataChild();
        int first = liar == 0 ? 1 : 0;
        int second = 3 - liar - first;
        Nodes[liar].Lie(0, 1);
        Nodes[first].Answers = request => request is ReadReplica { Mode: ReplicaReadMode.Data } read
            ? new ReplicaRead(read.Tag, default, Buffers.CopyOf(Filled(Block, 9)), null)
            : null;

        ClientReply read = Read(0, Block);

        read.Expect<RangeRead>();
        Assert.Equal(Nodes[second].Data.AsSpan(0, Block).ToArray(), read.Bytes);
        Settle();
        Assert.Empty(Published<RangeRepaired>());
        Assert.Equal(2, Published<QuorumReportBad>().Count);
    }

    [Fact]
    public void When_no_winner_can_give_its_data_the_read_fails()
    {
        Open();
        int liar = NextDataChild();
        Nodes[liar].Lie(0, 1);
        for (int i = 0; i < 3; i++)
        {
            if (i != liar)
            {
                Nodes[i].Answers = static request =>
                    request is ReadReplica { Mode: ReplicaReadMode.Data } read
                    ? new ReplicaFailed(read.Tag, ReplicaRefusal.DiskError, Errno.InputOutput, "gone bad")
                    : null;
            }
        }

        Read(0, Block).ExpectErrno(Errno.InputOutput);

        Settle();
        Assert.Single(Published<QuorumFailure>());
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));
    }

    [Theory]
    [InlineData(-1L, 10)]
    [InlineData(0L, 0)]
    [InlineData(SizeBytes - 5L, 6)]
    [InlineData(long.MaxValue, 10)]
    public void A_range_outside_the_volume_is_refused_and_reaches_no_replica(long offset, int length)
    {
        Open();

        Read(offset, length).ExpectErrno(Errno.Invalid);

        Assert.All(Nodes, static node => Assert.Empty(node.Asked));
    }

    [Fact]
    public void Data_of_another_length_is_an_error_of_its_sender()
    {
        Open();
        int bad = NextDataChild();
        Nodes[bad].Answers = request => request is ReadReplica { Mode: ReplicaReadMode.Data } read
            ? new ReplicaRead(read.Tag, default, Buffers.CopyOf(Filled(Block - 1, 9)), null)
            : null;

        ClientReply read = Read(0, Block);

        read.Expect<RangeRead>();
        Assert.Equal(Nodes[(bad + 1) % 3].Data.AsSpan(0, Block).ToArray(), read.Bytes);
    }

    private (long Errors, long Repairs, long VotesLost) Counted(int child)
    {
        ChildCounters counters = Status().Children[child].Counters;
        return (counters.ReadErrors, counters.Repairs, counters.VotesLost);
    }
}
