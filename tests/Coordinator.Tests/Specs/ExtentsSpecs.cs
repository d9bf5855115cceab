using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Block status (P14).</summary>
public sealed class ExtentsSpecs : VolumeSpec
{
    [Fact]
    public void A_hole_is_what_every_respondent_calls_one_when_q_of_them_do()
    {
        Open();
        Say(0, (0, Block, true), (Block, 3 * Block, false));
        Say(1, (0, 2 * Block, true), (2 * Block, 2 * Block, false));
        Say(2, (0, 4 * Block, true));

        RangeExtents extents = Ask(new QueryRangeExtents(0, 4 * Block)).Expect<RangeExtents>();

        Assert.Equal([new(0, Block, true), new(Block, 3 * Block, false)], extents.Extents);
    }

    [Fact]
    public void Where_fewer_than_q_can_say_all_is_data()
    {
        Open();
        Say(0, (0, Block, true));
        Nodes[1].FailAll<QueryReplicaExtents>(Errno.NotSupported);
        Nodes[2].FailAll<QueryReplicaExtents>(Errno.NotSupported);

        RangeExtents extents = Ask(new QueryRangeExtents(0, Block)).Expect<RangeExtents>();

        Assert.Equal([new(0, Block, false)], extents.Extents);
        Assert.Equal(2, Published<QuorumReportBad>().Count);
        Assert.Equal(3, Recorded.SyncedCount);
    }

    [Fact]
    public void A_child_that_does_not_say_in_time_is_out_and_the_others_suffice()
    {
        Open();
        Say(0, (0, Block, true));
        Say(1, (0, Block, true));
        Nodes[2].Keep<QueryReplicaExtents>();

        RangeExtents extents =
            Ask(new QueryRangeExtents(0, Block)).Expect<RangeExtents>(TimeSpan.FromSeconds(6));

        Assert.Equal([new(0, Block, true)], extents.Extents);
        Assert.Equal("Connection timed out", Assert.Single(Published<QuorumReportBad>()).Error);
        Assert.Equal(1, Status().Children[2].Counters.ReadErrors);
        AwaitAssert(() => Assert.Equal(ChildState.Stale, RecordedStates[2]));
    }

    [Fact]
    public void Extents_with_gaps_or_out_of_order_count_as_no_answer()
    {
        Open();
        Say(0, (0, Block, true), (2 * Block, 2 * Block, true));
        Say(1, (0, 4 * Block, true));
        Say(2, (0, 2 * Block, true), (Block, Block, true), (2 * Block, -1, true));

        RangeExtents extents = Ask(new QueryRangeExtents(0, 4 * Block)).Expect<RangeExtents>();

        Assert.Equal([new(0, 4 * Block, false)], extents.Extents);
    }

    [Fact]
    public void Block_status_waits_for_a_write_of_the_range()
    {
        Open();
        Nodes[0].Keep<WriteReplica>();
        ClientReply write = Write(0, Filled(10, 1));
        ClientReply query = Ask(new QueryRangeExtents(0, Block));
        Settle();
        Assert.Empty(Nodes[1].AskedFor<QueryReplicaExtents>());
        Nodes[0].AnswerKept();

        write.Expect<RangeDone>();
        query.Expect<RangeExtents>();
    }

    private void Say(int node, params (long Offset, long Length, bool IsHole)[] extents) =>
        Nodes[node].Answers = request => request is QueryReplicaExtents query
            ? new ReplicaExtents(
                query.Tag,
                [.. extents.Select(static one => new DiskExtent(one.Offset, one.Length, one.IsHole))])
            : null;
}
