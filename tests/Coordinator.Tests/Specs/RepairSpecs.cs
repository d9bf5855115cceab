using Replication.Actors.Disk;
using Replication.Actors.Watch;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>P19: who is rewritten, with what, under which lock.</summary>
public sealed class RepairSpecs : VolumeSpec
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_liar_is_outvoted_reported_with_the_requests_sectors_and_rewritten(int liar)
    {
        Open();
        byte[] truth = Nodes[liar].Data.AsSpan(1000, 3000).ToArray();
        Nodes[liar].Lie(2000, 5);

        ClientReply read = Read(1000, 3000);

        read.Expect<RangeRead>();
        Assert.Equal(truth, read.Bytes);
        Settle();
        QuorumReportBad report = Assert.Single(Published<QuorumReportBad>());
        Assert.Equal(
            new QuorumReportBad(report.At, QuorumOperation.Read, null, $"demo-node{liar + 1}", 1, 7), report);
        RangeRepaired repaired = Assert.Single(Published<RangeRepaired>());
        Assert.Equal(new RangeRepaired(repaired.At, $"demo-node{liar + 1}", 1, 7), repaired);
        Assert.Equal(truth, Nodes[liar].Data.AsSpan(1000, 3000).ToArray());
        Assert.Equal(1, Status().Children[liar].Counters.VotesLost);
        Assert.Equal(1, Status().Children[liar].Counters.Repairs);
        Assert.NotNull(Status().Children[liar].LastLostVote);
    }

    [Fact]
    public void The_next_read_of_a_repaired_range_reports_nothing()
    {
        Open();
        Nodes[1].Lie(0, 5);
        Read(0, Block).Expect<RangeRead>();
        Settle();
        Events.Clear();

        Read(0, Block).Expect<RangeRead>();

        Settle();
        Assert.Empty(Events);
    }

    [Fact]
    public void The_range_lock_is_held_until_the_liar_is_rewritten_so_that_no_newer_write_is_undone()
    {
        Open();
        int liar = NextDataChild() == 0 ? 1 : 0;
        Nodes[liar].Lie(0, 5);
        Nodes[liar].Keep<WriteReplica>();
        Read(0, Block).Expect<RangeRead>();
        Settle();
        Assert.Equal(1, Nodes[liar].KeptCount);

        ClientReply overlapping = Write(100, Filled(10, 0xEE));
        ClientReply elsewhere = Read(8 * Block, Block);
        elsewhere.Expect<RangeRead>();
        Assert.Empty(Nodes[2].AskedFor<WriteReplica>());
        Nodes[liar].AnswerKept();

        overlapping.Expect<RangeDone>();
        Assert.All(Nodes, static node => Assert.Equal(0xEE, node.Data[105]));
        WriteReplica[] writes = [.. Nodes[liar].AskedFor<WriteReplica>()];
        Assert.True(writes[0].Stamp < writes[1].Stamp);
    }

    [Fact]
    public void With_rewrite_corrupted_off_the_liar_is_reported_and_left_alone()
    {
        Open(rewrite: false);
        Nodes[1].Lie(0, 5);

        Read(0, Block).Expect<RangeRead>();

        Settle();
        Assert.Single(Published<QuorumReportBad>());
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));
    }

    [Fact]
    public void P19_a_version_that_half_of_the_children_hold_wins_but_repairs_nobody()
    {
        Open(count: 4, threshold: 2);
        Nodes[0].Lie(0, 5, mask: 1);
        Nodes[1].Lie(0, 5, mask: 2);

        ClientReply read = Read(0, Block);

        read.Expect<RangeRead>();
        Assert.Equal(Nodes[3].Data.AsSpan(0, Block).ToArray(), read.Bytes);
        Settle();
        Assert.Equal(2, Published<QuorumReportBad>().Count);
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));
    }

    [Fact]
    public void P19_two_of_five_liars_are_both_rewritten_by_the_majority()
    {
        Open(count: 5, threshold: 3);
        Nodes[0].Lie(0, 5, mask: 1);
        Nodes[4].Lie(0, 5, mask: 2);

        Read(0, Block).Expect<RangeRead>();

        Settle();
        Assert.Equal(
            ["demo-node1", "demo-node5"],
            Published<RangeRepaired>().Select(static one => one.NodeName).Order());
        Assert.Equal(Nodes[2].Data, Nodes[0].Data);
        Assert.Equal(Nodes[2].Data, Nodes[4].Data);
        Assert.Single(Nodes.SelectMany(static node => node.AskedFor<WriteReplica>())
            .Select(static write => write.Stamp).Distinct());
    }

    [Fact]
    public void A_late_liar_is_repaired_after_the_client_had_its_answer()
    {
        Open();
        int liar = NextDataChild() == 0 ? 1 : 0;
        Nodes[liar].Lie(0, 5);
        Nodes[liar].Keep<ReadReplica>();
        Read(0, Block).Expect<RangeRead>();

        Nodes[liar].AnswerKept();
        Settle();

        Assert.Single(Published<RangeRepaired>());
    }

    [Fact]
    public void A_liar_that_cannot_be_rewritten_is_recorded_stale()
    {
        Open();
        Nodes[1].Lie(0, 5);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);

        Read(0, Block).Expect<RangeRead>();

        AwaitAssert(() => Assert.Equal(ChildState.Stale, RecordedStates[1]));
        Assert.Empty(Published<RangeRepaired>());
        Assert.Contains(Published<QuorumReportBad>(), static report =>
            report is { Operation: QuorumOperation.Write, Error: "No space left on device" });
        ChildCounters counters = Status().Children[1].Counters;
        Assert.Equal((0, 1), (counters.ReadErrors, counters.WriteErrors));
    }

    [Fact]
    public void P13_a_liar_lost_after_it_voted_is_asked_nothing_under_the_lost_session()
    {
        Open();
        int liar = NextDataChild() == 0 ? 1 : 0;
        Nodes[liar].Lie(0, 5);
        Nodes[2].Keep<ReadReplica>();
        ClientReply read = Read(0, Block);
        Settle();
        HoldStore();
        Volume.Tell(new Terminated(Nodes[liar].Replica, ConnectionLost: true));
        Settle();
        Nodes[2].AnswerKept();

        read.Expect<RangeRead>();
        Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(Nodes[liar].AskedFor<WriteReplica>());
        ReleaseStore();
        Write(0, Filled(10, 1)).Expect<RangeDone>(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void P13_a_winner_lost_after_it_voted_is_not_asked_for_the_data()
    {
        Open();
        while (NextDataChild() != 2)
        {
        }

        Nodes[2].Keep<ReadReplica>();
        ClientReply read = Read(0, Block);
        Advance(TimeSpan.FromMilliseconds(10));
        HoldStore();
        Volume.Tell(new Terminated(Nodes[0].Replica, ConnectionLost: true));

        read.Expect<RangeRead>(TimeSpan.FromMilliseconds(30));
        Assert.Single(Nodes[0].AskedFor<ReadReplica>());
    }

    [Fact]
    public void A_liar_is_given_its_own_time_for_the_rewrite_when_another_child_took_all_of_the_reads()
    {
        Open(count: 5, threshold: 3);
        while (NextDataChild() != 1)
        {
        }

        Nodes[0].Keep<ReadReplica>();
        Nodes[4].Lie(0, 5);
        Read(0, Block).Expect<RangeRead>();

        Advance(TimeSpan.FromSeconds(7));

        Assert.Equal("demo-node5", Assert.Single(Published<RangeRepaired>()).NodeName);
        Assert.Equal([ChildState.Stale, .. Enumerable.Repeat(ChildState.Synced, 4)], RecordedStates);
    }

    [Fact]
    public void P13_a_liar_lost_before_its_rewrite_is_sent_is_not_asked_under_the_lost_session()
    {
        Open();
        int liar = NextDataChild() == 0 ? 1 : 0;
        Nodes[liar].Lie(0, 5);
        Nodes[liar].Keep<ReadReplica>();
        Read(0, Block).Expect<RangeRead>();
        Nodes[liar].Restart();
        Nodes[liar].AnswerKept();

        Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(Nodes[liar].AskedFor<WriteReplica>());
        Write(0, Filled(10, 1)).Expect<RangeDone>(TimeSpan.FromMilliseconds(50));
        Assert.Equal(ChildState.Stale, RecordedStates[liar]);
    }
}
