using Replication.Actors.Disk;
using Replication.Coordinator.Events;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Resync;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>One region of a target made to agree with the vote (P20).</summary>
public sealed class CopySpecs : DeskSpec
{
    private const ulong Old = 777;

    [Fact]
    public void P20_only_blocks_that_differ_are_written_with_the_regions_own_stamp()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Lie(Region + Block, 2 * Block);

        RegionCopied copied = Copy(region: 1).Expect<RegionCopied>();
        Settle();

        Assert.Equal(2 * Block, copied.CopiedBytes);
        Assert.Empty(Host.Told);
        WriteReplica write = Nodes[2].AskedFor<WriteReplica>().Single();
        Assert.Equal((Old, Region + Block), (write.Stamp, (int)write.OffsetBytes));
        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
        Assert.Equal(Old, Nodes[2].Stamps[1]);
        Assert.All(Nodes[..2], static node => Assert.Empty(node.AskedFor<StampReplica>()));
    }

    [Fact]
    public void P6_a_region_that_agrees_gets_the_stamp_alone_and_none_where_no_source_has_one()
    {
        OpenDesk(children: 2, targets: 1);

        Assert.Equal(0, Copy(region: 1).Expect<RegionCopied>().CopiedBytes);
        Copy(region: 2, stamp: 0).Expect<RegionCopied>();

        StampReplica stamp = Nodes[2].AskedFor<StampReplica>().Single();
        Assert.Equal((Old, (long)Region, (long)Region), (stamp.Stamp, stamp.OffsetBytes, stamp.LengthBytes));
    }

    [Fact]
    public void P20_a_copys_stamp_is_not_under_way_and_a_stamp_that_is_not_known_is_the_owners_latest()
    {
        OpenDesk(children: 2, targets: 1);
        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Nodes[2].Keep<StampReplica>();
        ClientReply copy = Copy(region: 1, stamp: ulong.MaxValue);
        Settle();

        Assert.Equal(Epoch1 + 1, Nodes[2].AskedFor<StampReplica>().Single().Stamp);
        Flush().Expect<RangeDone>();
        Assert.Equal(Epoch1 + 1, Nodes[0].AskedFor<FlushReplica>().Single().Checkpoint);
        Nodes[2].AnswerKept();
        copy.Expect<RegionCopied>();
    }

    [Fact]
    public void P20_the_threshold_decides_what_is_copied_and_the_loser_among_the_children_is_reported()
    {
        OpenDesk(children: 3, targets: 1);
        Nodes[0].Lie(0, 10);
        Nodes[3].Lie(0, Block);

        Copy(region: 0).Expect<RegionCopied>();
        Settle();

        Assert.Equal(Nodes[1].Data, Nodes[3].Data);
        Assert.Equal("demo-node1", Published<QuorumReportBad>().Single().NodeName);
        Assert.Equal(1, Host.Ended.Single().Notes.Single().VotesLost);
        Assert.NotEqual(Nodes[1].Data[0], Nodes[0].Data[0]);
    }

    [Fact]
    public void P22_a_block_without_a_winner_is_reported_before_the_copy_ends_and_the_others_are_copied()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[0].Lie(3 * Block, 10);
        Nodes[2].Lie(0, 5 * Block);

        Copy(region: 0).Expect<RegionCopied>();

        BlocksWithoutWinner lost = Assert.IsType<BlocksWithoutWinner>(Host.Told.Single());
        Assert.Equal([3L], lost.Blocks.ToArray());
        Assert.Equal(Nodes[1].Data[..(3 * Block)], Nodes[2].Data[..(3 * Block)]);
        Assert.NotEqual(Nodes[1].Data[3 * Block], Nodes[2].Data[3 * Block]);
        Assert.Equal(Nodes[1].Data[(4 * Block)..], Nodes[2].Data[(4 * Block)..]);
    }

    [Fact]
    public void P12_from_the_continuous_children_alone_the_first_decides_where_no_majority_does()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[1].Lie(0, 10);
        Nodes[2].Lie(0, Block);
        Do(static host => host.Desk.SetGate(new Gate.Refuse(
            new RangeFailed(Errno.InputOutput, "suspended"), host.View with { IsSource = true })));

        Copy(region: 0).Expect<RegionCopied>();

        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
        Assert.Empty(Host.Told);
        Assert.Empty(Events);
    }

    [Fact]
    public void P22_a_bad_block_is_not_copied()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Lie(0, 2 * Block);
        Serve(Host.View with { BadBlocks = [1] });

        Copy(region: 0).Expect<RegionCopied>();

        Assert.Equal(Nodes[0].Data[..Block], Nodes[2].Data[..Block]);
        Assert.NotEqual(Nodes[0].Data[Block], Nodes[2].Data[Block]);
    }

    [Fact]
    public void Blocks_of_zeroes_are_punched_on_the_target_and_never_fetched()
    {
        OpenDesk(children: 2, targets: 1);
        Array.ForEach(Nodes[..2], static node => node.Data.AsSpan(0, Region).Clear());

        Assert.Equal(Region, Copy(region: 0).Expect<RegionCopied>().CopiedBytes);

        ZeroReplica zero = Nodes[2].AskedFor<ZeroReplica>().Single();
        Assert.Equal((Old, (long)Region, ZeroMode.MayPunch), (zero.Stamp, zero.LengthBytes, zero.Mode));
        Assert.DoesNotContain(
            Nodes[0].AskedFor<ReadReplica>(), static read => read.Mode == ReplicaReadMode.Data);
    }

    [Fact]
    public void P20_a_write_of_the_region_waits_for_its_copy_and_is_not_overwritten()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Lie(0, Block);
        Nodes[2].Keep<WriteReplica>();
        ClientReply copy = Copy(region: 0);
        Settle();
        ClientReply write = Write(10, Filled(10, 1));
        Advance(TimeSpan.FromSeconds(1));
        Assert.Single(Nodes[2].AskedFor<WriteReplica>());
        Assert.False(write.IsAnswered);
        Nodes[2].AnswerKept();

        copy.Expect<RegionCopied>();
        write.Expect<RangeDone>();
        Settle();
        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
    }

    [Fact]
    public void P17_a_region_is_reconciled_before_it_is_copied()
    {
        OpenDesk(children: 2, targets: 1, toReconcile: Ranges((0, Block)), arrange: () =>
        {
            Nodes[1].Keep<ReadReplica>();
            Nodes[1].Lie(0, 10);
        });

        ClientReply copy = Copy(region: 0);
        Advance(TimeSpan.FromSeconds(2));
        Assert.False(copy.IsAnswered);
        Nodes[1].AnswerKept();

        copy.Expect<RegionCopied>();
        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
        Assert.Empty(Host.Told);
    }

    [Fact]
    public void A_copy_under_another_session_of_the_target_copies_nothing()
    {
        OpenDesk(children: 2, targets: 1);

        Ask(new CopyRegion(0, Region, Old, ChildIndex: 2, Session: 9)).Expect<RegionNotCopied>();

        Assert.All(Nodes, static node => Assert.Empty(node.Asked));
    }

    [Fact]
    public void P15_a_target_that_fails_a_copy_is_out_and_nobody_is_judged()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Lie(0, 10);
        Nodes[2].FailAll<WriteReplica>(Errno.NoSpace);

        Copy(region: 0).Expect<RegionNotCopied>();
        Settle();

        Assert.Empty(Host.Judged);
        ChildFault fault = Host.Ended.Single().Faults.Single();
        Assert.Equal((2, FaultKind.Out), (fault.ChildIndex, fault.Kind));
    }

    [Fact]
    public void A_child_that_goes_out_during_a_copy_fails_that_copy_and_it_may_be_asked_again()
    {
        OpenDesk(children: 3, targets: 1);
        Nodes[3].Lie(0, 10);
        Nodes[1].Keep<ReadReplica>();

        Copy(region: 0).ExpectErrno(Errno.InputOutput, TimeSpan.FromSeconds(6));
        Settle();
        Assert.Equal(
            [1],
            Host.Ended.SelectMany(static ended => ended.Faults).Select(static fault => fault.ChildIndex));
        Assert.Empty(Nodes[3].AskedFor<WriteReplica>());
        Copy(region: 0).Expect<RegionCopied>();

        Assert.Equal(Nodes[0].Data, Nodes[3].Data);
    }

    [Fact]
    public void A_target_that_cannot_read_a_block_gets_it_written()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].FailReadsOf(4);

        Assert.Equal(Block, Copy(region: 0).Expect<RegionCopied>().CopiedBytes);

        Assert.Equal(4 * Block, Nodes[2].AskedFor<WriteReplica>().Single().OffsetBytes);
    }

    private ClientReply Copy(long region, ulong stamp = Old) =>
        Ask(new CopyRegion(region, Region, stamp, Host.View.Targets.Single().Index, Session: 1));
}
