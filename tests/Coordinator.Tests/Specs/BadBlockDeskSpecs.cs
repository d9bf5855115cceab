using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>What a request makes of the bad blocks in its view (P22).</summary>
public sealed class BadBlockDeskSpecs : DeskSpec
{
    [Fact]
    public void P22_a_read_that_touches_a_bad_block_fails_with_words_and_asks_no_child()
    {
        OpenWithBad(3);

        ClientReply read = Read((3 * Block) - 100, 101);

        RangeFailed failed = read.Expect<RangeFailed>();
        Assert.Equal(Errno.InputOutput, failed.Errno);
        Assert.Equal("block 3 is bad: its copies differ and none has enough votes", failed.Reason);
        Assert.All(Nodes, static node => Assert.Empty(node.Asked));
    }

    [Fact]
    public void P22_reads_beside_a_bad_block_are_served()
    {
        OpenWithBad(3);

        Read(0, 3 * Block).Expect<RangeRead>();
        Read(4 * Block, Block).Expect<RangeRead>();
    }

    [Theory]
    [InlineData(ReadPattern.Quorum)]
    [InlineData(ReadPattern.Fifo)]
    public void P19_a_read_of_a_bad_block_repairs_nothing_even_where_a_majority_agrees(ReadPattern pattern)
    {
        Options = Options with { ReadPattern = pattern };
        OpenWithBad(3);
        Nodes[2].Lie(2 * Block, 2 * Block);

        Read(2 * Block, 2 * Block).ExpectErrno(Errno.InputOutput);
        Settle();

        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));
        Assert.NotEqual(Nodes[0].Data[2 * Block], Nodes[2].Data[2 * Block]);
    }

    [Fact]
    public void P22_block_status_says_data_of_bad_blocks_whatever_the_children_say()
    {
        OpenWithBad(3, 4);
        Array.ForEach(Nodes, static node => node.Answers = static request =>
            request is QueryReplicaExtents query
                ? new ReplicaExtents(query.Tag, [new(query.OffsetBytes, query.LengthBytes, IsHole: true)])
                : null);

        Assert.Equal([new DiskExtent(0, 3 * Block, IsHole: true)], Extents(0, 8 * Block));
        Assert.Equal([new DiskExtent(3 * Block, 2 * Block, IsHole: false)], Extents(3 * Block, 5 * Block));
        Assert.Equal([new DiskExtent(5 * Block, 3 * Block, IsHole: true)], Extents(5 * Block, 3 * Block));
    }

    [Fact]
    public void P22_block_status_says_data_of_a_bad_block_before_what_is_to_be_reconciled()
    {
        OpenWithBad(3, 6);
        Host.CanRecord = false;
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Write(5 * Block, Filled(2 * Block, 7)).ExpectErrno(Errno.NoSpace);
        Settle();
        Assert.False(Host.Desk.IsReconciled);

        Assert.Equal([new DiskExtent(3 * Block, Block, IsHole: false)], Extents(3 * Block, 5 * Block));
        Assert.Equal([new DiskExtent(5 * Block, 2 * Block, IsHole: false)], Extents(5 * Block, 3 * Block));
    }

    [Fact]
    public void P22_a_write_that_covers_bad_blocks_is_answered_once_they_are_off_the_list()
    {
        OpenWithBad(3, 4, 9);

        ClientReply write = Write(3 * Block, Filled(2 * Block, 7));
        Settle();

        ClearBadBlocks clear = Assert.IsType<ClearBadBlocks>(Assert.Single(Host.Told));
        Assert.Equal([3L, 4L], clear.Blocks.ToArray());
        Assert.All(Nodes, static node => Assert.Equal(7, node.Data[3 * Block]));
        Assert.False(write.IsAnswered);
        Host.Teller!.Tell(new BadBlocksCleared(Recorded: true), Volume);
        write.Expect<RangeDone>();
    }

    [Fact]
    public void P22_writing_zeroes_and_discarding_clear_a_bad_block_as_well()
    {
        OpenWithBad(3);

        ClientReply zero = Ask(new ZeroRange(3 * Block, Block, ZeroMode.MayPunch, Fua: false));
        Settle();

        Assert.IsType<ClearBadBlocks>(Assert.Single(Host.Told));
        Assert.False(zero.IsAnswered);
        Host.Teller!.Tell(new BadBlocksCleared(Recorded: true), Volume);
        zero.Expect<RangeDone>();
    }

    [Fact]
    public void P22_what_covers_a_bad_block_is_durable_whatever_the_client_asked_for()
    {
        OpenWithBad(3);

        Write(2 * Block, Filled(2 * Block, 7));
        Settle();
        Host.Teller!.Tell(new BadBlocksCleared(Recorded: true), Volume);
        Write((3 * Block) + 1, Filled(Block, 7)).Expect<RangeDone>();
        Ask(new ZeroRange(3 * Block, Block, ZeroMode.MayPunch, Fua: false));
        Settle();

        Assert.All(Nodes, static node =>
        {
            Assert.Equal([true, false], node.AskedFor<WriteReplica>().Select(static write => write.Fua));
            Assert.True(Assert.Single(node.AskedFor<ZeroReplica>()).Fua);
        });
    }

    [Theory]
    [InlineData((3 * Block) + 1, Block)]
    [InlineData(3 * Block, Block - 1)]
    [InlineData(3 * Block, 1)]
    public void P22_a_write_of_a_part_of_a_bad_block_clears_nothing(int offset, int length)
    {
        OpenWithBad(3);

        Write(offset, Filled(length, 7)).Expect<RangeDone>();

        Assert.Empty(Host.Told);
    }

    [Fact]
    public void P22_a_write_whose_bad_block_stays_on_the_list_fails_with_words_and_is_on_every_child()
    {
        OpenWithBad(3);
        ClientReply write = Write(3 * Block, Filled(Block, 7));
        Settle();

        Host.Teller!.Tell(new BadBlocksCleared(Recorded: false), Volume);

        RangeFailed failed = write.Expect<RangeFailed>();
        Assert.Equal(Errno.InputOutput, failed.Errno);
        Assert.Contains("off the list", failed.Reason, StringComparison.Ordinal);
        Settle();
        Assert.True(Host.Desk.IsReconciled);
    }

    [Fact]
    public void P22_a_write_that_not_every_synced_child_has_clears_nothing()
    {
        OpenWithBad(3);
        Host.CanRecord = false;
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);

        Write(3 * Block, Filled(Block, 7)).ExpectErrno(Errno.NoSpace);

        Assert.Empty(Host.Told);
    }

    [Fact]
    public void P22_a_bad_block_is_neither_read_nor_written_by_a_reconcile_and_does_not_hold_it_up()
    {
        OpenWithBad(2);
        Nodes[0].Lie(2 * Block, Block);

        Do(static host => host.Desk.BeginEpoch(2, Ranges((2 * Block, Block)), 0));
        Serve(Host.View);

        Assert.True(Host.Desk.IsReconciled);
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));
        Assert.Empty(Host.Told);
    }

    private void OpenWithBad(params long[] blocks)
    {
        OpenDesk();
        Serve(Host.View with { BadBlocks = [.. blocks] });
    }

    private IReadOnlyList<DiskExtent> Extents(long offset, long length) =>
        Ask(new QueryRangeExtents(offset, length)).Expect<RangeExtents>().Extents;
}
