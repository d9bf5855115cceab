using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>The second vote: a read whose whole range nobody won is judged per 4 KiB block (P14).</summary>
public sealed class BlockReadSpecs : VolumeSpec
{
    [Fact]
    public void Two_liars_in_different_blocks_are_both_outvoted_and_repaired()
    {
        Open();
        byte[] truth = Nodes[2].Data.AsSpan(0, 4 * Block).ToArray();
        Nodes[0].Lie(10, 5);
        Nodes[1].Lie((2 * Block) + 10, 5);

        ClientReply read = Read(0, 4 * Block);

        read.Expect<RangeRead>();
        Assert.Equal(truth, read.Bytes);
        Settle();
        Assert.All(Nodes, node => Assert.Equal(truth, node.Data.AsSpan(0, 4 * Block).ToArray()));
        Assert.Equal(
            [("demo-node1", 0L, 8L), ("demo-node2", 16L, 8L)],
            Published<RangeRepaired>()
                .Select(static one => (one.NodeName, one.SectorNum, one.SectorsCount))
                .Order());
        Assert.Equal(2, Published<QuorumReportBad>().Count);
        Assert.Empty(Published<QuorumFailure>());
    }

    [Fact]
    public void Blocks_cut_at_the_ends_of_an_odd_range_are_judged_and_repaired_within_it()
    {
        Open();
        byte[] truth = Nodes[2].Data.AsSpan(4000, 5000).ToArray();
        Nodes[0].Lie(4001, 1);
        Nodes[1].Lie(8995, 1);

        ClientReply read = Read(4000, 5000);

        read.Expect<RangeRead>();
        Assert.Equal(truth, read.Bytes);
        Settle();
        Assert.Equal(Nodes[2].Data, Nodes[0].Data);
        Assert.Equal(Nodes[2].Data, Nodes[1].Data);
    }

    [Fact]
    public void Two_liars_in_one_block_fail_the_read_rewrite_nothing_of_it_and_the_other_blocks_are_repaired()
    {
        Open();
        Nodes[0].Lie(10, 5, mask: 1);
        Nodes[1].Lie(10, 5, mask: 2);
        Nodes[1].Lie(Block + 10, 5);
        byte[][] before = [.. Nodes.Select(static node => node.Data.AsSpan(0, Block).ToArray())];

        Read(0, 4 * Block).ExpectErrno(Errno.InputOutput);

        Settle();
        QuorumFailure failure = Assert.Single(Published<QuorumFailure>());
        Assert.Equal((0L, 32L), (failure.SectorNum, failure.SectorsCount));
        Assert.Equal(before, Nodes.Select(static node => node.Data.AsSpan(0, Block).ToArray()));
        Assert.Equal(
            Nodes[2].Data.AsSpan(Block, 3 * Block).ToArray(),
            Nodes[1].Data.AsSpan(Block, 3 * Block).ToArray());
        Assert.Equal("demo-node2", Assert.Single(Published<RangeRepaired>()).NodeName);
    }

    [Fact]
    public void Two_liars_in_the_only_block_fail_the_read_and_rewrite_nothing()
    {
        Open();
        Nodes[0].Lie(10, 5, mask: 1);
        Nodes[1].Lie(10, 5, mask: 2);

        Read(0, Block).ExpectErrno(Errno.InputOutput);

        Settle();
        Assert.Single(Published<QuorumFailure>());
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));
    }

    [Fact]
    public void A_child_that_cannot_read_the_range_is_rewritten_where_the_blocks_have_winners()
    {
        Open(count: 4, threshold: 3);
        Nodes[3].Answers = static request => request is ReadReplica read
            ? new ReplicaFailed(read.Tag, ReplicaRefusal.DiskError, Errno.InputOutput, "bad sector")
            : null;
        Nodes[0].Lie(10, 5);

        Read(0, 2 * Block).ExpectErrno(Errno.InputOutput);

        Settle();
        Assert.Equal(
            [(long)Block], Nodes[3].AskedFor<WriteReplica>().Select(static write => write.OffsetBytes));
    }

    [Fact]
    public void Fetched_blocks_that_do_not_match_are_asked_of_the_next_holder_and_not_repaired_by_half()
    {
        Open();
        Nodes[0].Lie(10, 5);
        Nodes[1].Lie(Block + 10, 5);
        byte[] truth = Nodes[2].Data.AsSpan(0, Block).ToArray();
        bool hasLied = false;
        Nodes[1].Answers = request =>
        {
            if (hasLied || request is not ReadReplica { Mode: ReplicaReadMode.Data, LengthBytes: Block } read)
            {
                return null;
            }

            hasLied = true;
            return new ReplicaRead(read.Tag, default, Buffers.CopyOf(Filled(Block, 9)), null);
        };

        ClientReply first = ReadWithData(child: 0, 0, 2 * Block);

        first.Expect<RangeRead>();
        Settle();
        Assert.True(hasLied);
        Assert.Equal(truth, first.Bytes[..Block]);
        Assert.DoesNotContain(Nodes[0].AskedFor<WriteReplica>(), static write => write.OffsetBytes == 0);
    }

    [Fact]
    public void A_fetch_that_a_child_refuses_for_another_owner_stops_the_volume()
    {
        Open();
        Nodes[0].Lie(10, 5);
        Nodes[1].Lie(Block + 10, 5);
        Nodes[1].Answers = static request =>
            request is ReadReplica { Mode: ReplicaReadMode.Data, LengthBytes: Block } read
            ? new ReplicaFailed(read.Tag, ReplicaRefusal.StaleEpoch, Errno.Stale, "another owner")
            : null;

        ReadWithData(child: 0, 0, 2 * Block).Expect<RangeRead>();

        Settle();
        Assert.Equal(VolumeCondition.Failed, Status().Condition);
    }

    [Fact]
    public void A_child_lost_while_a_rewrite_of_it_is_under_way_ends_the_read_once()
    {
        Open();
        Nodes[0].Lie(10, 5);
        Nodes[1].Lie((2 * Block) + 10, 5);
        Nodes[0].Keep<WriteReplica>();
        Nodes[1].Keep<WriteReplica>();
        Read(0, 4 * Block).Expect<RangeRead>();
        Settle();
        Assert.Equal(1, Nodes[0].KeptCount);

        Nodes[0].Restart();
        Settle();
        ClientReply overlapping = Write(0, Filled(4 * Block, 3));
        Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(overlapping.IsAnswered);
        Nodes[1].AnswerKept();

        overlapping.Expect<RangeDone>();
        Assert.Equal(ChildState.Stale, RecordedStates[0]);
        Assert.Equal(Nodes[2].Data, Nodes[1].Data);
    }

    [Fact]
    public void A_block_that_arrives_after_its_child_was_given_up_ends_the_read_once()
    {
        Open();
        Nodes[0].Lie(10, 5);
        Nodes[1].Lie(Block + 10, 5);
        Nodes[2].Keep<ReadReplica>(static read => read is { Mode: ReplicaReadMode.Data, LengthBytes: Block });
        Nodes[1].Keep<ReadReplica>(static read => read is { Mode: ReplicaReadMode.Data, LengthBytes: Block });
        ClientReply read = ReadWithData(child: 0, 0, 2 * Block);
        Settle();
        Nodes[0].Keep<WriteReplica>();
        int asked = Nodes[1].KeptCount == 1 ? 1 : 2;
        Assert.Equal(1, Nodes[asked].KeptCount);
        Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(1, Nodes[3 - asked].KeptCount);

        Nodes[3 - asked].AnswerKept();
        read.Expect<RangeRead>();
        Settle();
        Nodes[asked].AnswerKept();
        Settle();

        Assert.Equal(1, Nodes[0].KeptCount);
        ClientReply overlapping = Write(0, Filled(10, 1));
        Settle();
        Assert.False(overlapping.IsAnswered);
        Nodes[0].AnswerKept();
        overlapping.Expect<RangeDone>();
    }

    [Fact]
    public void A_child_whose_rewrites_all_fail_is_judged_once_and_the_volume_goes_on()
    {
        Open();
        byte[] truth = Nodes[2].Data.AsSpan(0, 5 * Block).ToArray();
        Nodes[0].Lie(10, 5);
        Nodes[0].Lie((2 * Block) + 10, 5);
        Nodes[1].Lie((4 * Block) + 10, 5);
        Nodes[0].FailAll<WriteReplica>(Errno.NoSpace);

        ClientReply read = Read(0, 5 * Block);

        read.Expect<RangeRead>();
        Assert.Equal(truth, read.Bytes);
        Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(ChildState.Stale, RecordedStates[0]);
        Assert.Equal(VolumeCondition.Degraded, Status().Condition);
        Read(0, Block).Expect<RangeRead>();
    }

    [Fact]
    public void A_child_that_goes_out_before_it_sent_block_digests_is_left_out()
    {
        Open(count: 4, threshold: 2);
        Nodes[0].Lie(10, 5, mask: 1);
        Nodes[1].Lie(10, 5, mask: 2);
        Nodes[0].Lie(Block, 5, mask: 1);
        Nodes[1].Lie(Block, 5, mask: 2);
        Nodes[2].Lie(Block, 5, mask: 3);
        Nodes[2].Lie(10, 5, mask: 3);
        Nodes[3].Keep<ReadReplica>(static read => read.Mode == ReplicaReadMode.BlockDigests);

        ClientReply read = ReadWithData(child: 0, 0, 2 * Block);
        Settle();
        Nodes[3].LoseConnection();

        read.ExpectErrno(Errno.InputOutput);
        AwaitAssert(() => Assert.Equal(ChildState.Stale, RecordedStates[3]));
        Assert.Contains(Published<QuorumReportBad>(), static report =>
            report.NodeName == "demo-node4" && report.Error == Errno.Text(Errno.ConnectionReset));
    }

    /// <summary>Reads when it is this child's turn to send the data.</summary>
    private ClientReply ReadWithData(int child, long offset, int length)
    {
        while (NextDataChild() != child)
        {
        }

        return Read(offset, length);
    }
}
