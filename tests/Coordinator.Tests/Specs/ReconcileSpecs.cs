using System.Collections.Immutable;
using Replication.Actors.Disk;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Resync;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>What failed writes and takeovers leave is made to agree before it is read (P17, P18).</summary>
public sealed class ReconcileSpecs : DeskSpec
{
    [Fact]
    public void P17_a_failed_write_is_reconciled_by_itself_and_a_read_of_its_range_waits_for_that()
    {
        OpenDesk();
        Do(static host => host.CanRecord = false);
        Nodes[0].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[2].Keep<ReadReplica>();
        Write(100, Filled(100, 1)).ExpectErrno(Errno.NoSpace);
        Nodes[0].Answers = null;
        Nodes[1].Answers = null;

        ClientReply read = Read(150, 10);
        ClientReply elsewhere = Read(Block, 10);
        Advance(TimeSpan.FromSeconds(1));
        Assert.True(elsewhere.IsAnswered);
        Assert.False(read.IsAnswered);
        Nodes[2].AnswerKept();

        read.Expect<RangeRead>();
        Assert.Equal(Nodes[0].Data[150..160], read.Bytes);
        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
        Assert.Equal(1, Host.ReconciledCount);
        Assert.Equal(0, Host.Desk.UnreconciledBytes);
    }

    [Fact]
    public void P18_a_majority_decides_and_every_child_gets_a_fresh_stamp()
    {
        OpenDesk(toReconcile: Ranges((0, Region)), arrange: () => Nodes[0].Lie(5 * Block, Block));

        Assert.Equal(Nodes[1].Data, Nodes[0].Data);
        Assert.All(Nodes, static node => Assert.Equal(Epoch1 + 1, node.Stamps[0]));
        Assert.Equal(5 * Block, Nodes[0].AskedFor<WriteReplica>().Single().OffsetBytes);
        Assert.Equal(Region, Nodes[1].AskedFor<StampReplica>().Single().LengthBytes);
        Assert.Empty(Nodes[1].AskedFor<WriteReplica>());
    }

    [Fact]
    public void P18_where_there_is_no_majority_the_first_child_decides()
    {
        OpenDesk(children: 4, toReconcile: Ranges((0, Block)), arrange: () =>
        {
            Nodes[0].Lie(0, 10);
            Nodes[1].Lie(0, 10);
        });

        Assert.Equal(Nodes[0].Data, Nodes[3].Data);
        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
        Assert.Empty(Nodes[0].AskedFor<WriteReplica>());
    }

    [Fact]
    public void P18_a_block_outside_the_set_is_left_alone_even_between_two_that_are_in_it()
    {
        OpenDesk(
            toReconcile: Ranges((0, Block), (2 * Block, Block)),
            arrange: () => Nodes[2].Lie(0, 3 * Block));

        Assert.Equal(Nodes[0].Data[..Block], Nodes[2].Data[..Block]);
        Assert.NotEqual(Nodes[0].Data[Block..(2 * Block)], Nodes[2].Data[Block..(2 * Block)]);
        Assert.Equal(Nodes[0].Data[(2 * Block)..(3 * Block)], Nodes[2].Data[(2 * Block)..(3 * Block)]);
    }

    [Fact]
    public void P17_after_a_takeover_that_found_something_no_low_water_mark_and_no_checkpoint_is_claimed()
    {
        OpenDesk(toReconcile: Ranges((0, Block)), arrange: () => Nodes[0].Keep<ReadReplica>());

        Write(Region, Filled(10, 1)).Expect<RangeDone>();
        Flush().Expect<RangeDone>();
        Assert.Equal(0UL, Nodes[1].AskedFor<WriteReplica>().Single().LowWater);
        Assert.Equal(0UL, Nodes[1].AskedFor<FlushReplica>().Single().Checkpoint);
        Assert.False(Host.Desk.IsReconciled);
        Nodes[0].AnswerKept();
        Settle();
        Assert.True(Host.Desk.IsReconciled);
        Write(Region, Filled(10, 1)).Expect<RangeDone>();
        Flush().Expect<RangeDone>();

        Assert.Equal(Epoch1 + 3, Nodes[1].AskedFor<WriteReplica>()[^1].LowWater);
        Assert.Equal(Epoch1 + 3, Nodes[1].AskedFor<FlushReplica>()[^1].Checkpoint);
    }

    [Fact]
    public void P17_a_client_that_writes_what_is_left_to_reconcile_finishes_it()
    {
        OpenDesk();
        LeaveUnreconciled(0, Block);
        Advance(TimeSpan.FromSeconds(3));
        Assert.False(Host.Desk.IsReconciled);

        Write(0, Filled(Block, 1)).Expect<RangeDone>();
        Settle();

        Assert.True(Host.Desk.IsReconciled);
        Assert.Equal(1, Host.ReconciledCount);
    }

    [Fact]
    public void P17_a_reconcile_that_fails_is_tried_again_once_a_second_and_no_faster()
    {
        OpenDesk();
        LeaveUnreconciled(0, Block);

        Advance(TimeSpan.FromSeconds(9.5));
        Assert.InRange(Nodes[0].AskedFor<StampReplica>().Count, 9, 11);
        Nodes[0].Answers = null;
        Advance(TimeSpan.FromSeconds(2));

        Assert.True(Host.Desk.IsReconciled);
    }

    [Fact]
    public void P18_a_child_that_fails_a_reconcile_is_judged_as_with_a_write()
    {
        OpenDesk(toReconcile: Ranges((0, Block)), arrange: () =>
        {
            Nodes[2].Lie(0, 10);
            Nodes[2].FailAll<WriteReplica>(Errno.NoSpace);
        });

        JudgeChildren judged = Assert.Single(Host.Judged);
        Assert.Equal((2, FaultKind.WriteFailed), (judged.Faults[0].ChildIndex, judged.Faults[0].Kind));
        Assert.True(Host.Desk.IsReconciled);
        Assert.Equal(2, Host.View.Children.Length);
    }

    [Fact]
    public void P18_a_child_that_goes_out_before_the_writes_leaves_everything_as_it_was_for_the_next_attempt()
    {
        OpenDesk(toReconcile: Ranges((0, Block)), arrange: () =>
        {
            Nodes[1].Lie(0, 10);
            Nodes[2].Keep<ReadReplica>();
        });
        Advance(TimeSpan.FromSeconds(4));
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));

        Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(2, Host.View.Children.Length);
        Assert.True(Host.Desk.IsReconciled);
        Assert.Equal(Nodes[0].Data, Nodes[1].Data);
    }

    [Fact]
    public void P18_a_block_that_a_child_cannot_read_does_not_cost_it_its_vote_on_the_others()
    {
        OpenDesk(children: 2, toReconcile: Ranges((0, Region)), arrange: () =>
        {
            Nodes[0].Lie(3 * Block, Block);
            Nodes[0].FailReadsOf(7);
        });

        Assert.Equal(Nodes[0].Data, Nodes[1].Data);
        Assert.Equal(7 * Block, Nodes[0].AskedFor<WriteReplica>().Single().OffsetBytes);
        Assert.Equal(3 * Block, Nodes[1].AskedFor<WriteReplica>().Single().OffsetBytes);
    }

    [Fact]
    public void P22_a_block_that_no_child_can_read_is_reported_as_bad_and_holds_nothing_up()
    {
        OpenDesk(children: 2, toReconcile: Ranges((0, Region)), arrange: () =>
        {
            Nodes[0].FailReadsOf(7);
            Nodes[1].FailReadsOf(7);
        });

        Assert.Equal([7L], Assert.IsType<BlocksWithoutWinner>(Assert.Single(Host.Told)).Blocks.ToArray());
        Assert.True(Host.Desk.IsReconciled);
    }

    [Fact]
    public void P22_a_bad_block_is_skipped()
    {
        OpenDesk();
        Nodes[0].Lie(Block, 2 * Block);
        Do(static host =>
        {
            host.Desk.BeginEpoch(2, Ranges((0, Region)), 0);
            host.Serve(host.View with { BadBlocks = [2] });
        });

        Assert.Equal(Nodes[1].Data[..(2 * Block)], Nodes[0].Data[..(2 * Block)]);
        Assert.NotEqual(Nodes[1].Data[2 * Block], Nodes[0].Data[2 * Block]);
        Assert.True(Host.Desk.IsReconciled);
    }

    [Fact]
    public void A_winner_of_zeroes_is_punched_and_not_fetched()
    {
        OpenDesk(toReconcile: Ranges((0, 2 * Block)), arrange: () =>
        {
            Nodes[0].Data.AsSpan(0, Block).Clear();
            Nodes[1].Data.AsSpan(0, Block).Clear();
        });

        ZeroReplica zero = Nodes[2].AskedFor<ZeroReplica>().Single();
        Assert.Equal((0L, (long)Block, ZeroMode.MayPunch), (zero.OffsetBytes, zero.LengthBytes, zero.Mode));
        Assert.DoesNotContain(Nodes.SelectMany(static node => node.AskedFor<ReadReplica>()), static read =>
            read.Mode == ReplicaReadMode.Data);
    }

    [Fact]
    public void P18_bytes_other_than_those_voted_for_are_not_spread()
    {
        OpenDesk(arrange: () => Nodes[2].Lie(0, 10));
        Array.ForEach(Nodes, node => node.Answers = request =>
            request is ReadReplica { Mode: ReplicaReadMode.Data } read && Nodes[0] == node
                ? new ReplicaRead(read.Tag, default, Buffers.CopyOf(Filled(read.LengthBytes, 9)), null)
                : null);
        Do(static host =>
        {
            host.Desk.BeginEpoch(2, Ranges((0, Block)), 0);
            host.Serve(host.View);
        });

        Assert.Equal(Nodes[1].Data, Nodes[2].Data);
    }

    [Fact]
    public void P2_a_target_is_made_to_agree_without_a_vote()
    {
        OpenDesk(children: 2, targets: 2, toReconcile: Ranges((0, Block)), arrange: () =>
        {
            Nodes[1].Lie(0, 10);
            Nodes[2].Lie(0, 10);
            Nodes[3].Lie(0, 10);
        });

        Assert.All(Nodes, node => Assert.Equal(Nodes[0].Data, node.Data));
    }

    [Fact]
    public void P12_while_clients_are_refused_reconciles_run_on_the_view_for_copies_alone()
    {
        OpenDesk();
        Nodes[2].Lie(0, 10);
        RangeFailed refusal = new(Errno.InputOutput, "suspended");
        Do(host =>
        {
            host.Desk.SetGate(new Gate.Refuse(refusal));
            host.Desk.BeginEpoch(2, Ranges((0, Block)), 0);
        });
        Advance(TimeSpan.FromSeconds(3));
        Assert.All(Nodes, static node => Assert.Empty(node.Asked));

        Do(host => host.Desk.SetGate(new Gate.Refuse(refusal, host.View with { IsSource = true })));

        Assert.True(Host.Desk.IsReconciled);
        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
        Read(0, 10).ExpectErrno(Errno.InputOutput);
    }

    [Fact]
    public void P17_block_status_calls_data_what_is_to_be_reconciled_and_ends_before_it_elsewhere()
    {
        OpenDesk();
        LeaveUnreconciled(Block, Block);

        RangeExtents before = Ask(new QueryRangeExtents(0, 4 * Block)).Expect<RangeExtents>();
        RangeExtents within = Ask(new QueryRangeExtents(Block, 3 * Block)).Expect<RangeExtents>();

        Assert.Equal(Block, before.Extents.Sum(static extent => extent.LengthBytes));
        Assert.Equal([new DiskExtent(Block, Block, IsHole: false)], within.Extents);
    }

    /// <summary>A takeover finds a range that the first child fails to reconcile.</summary>
    private void LeaveUnreconciled(long offsetBytes, long lengthBytes)
    {
        Nodes[0].FailAll<StampReplica>(Errno.NoSpace);
        Do(host =>
        {
            host.CanRecord = false;
            host.Desk.BeginEpoch(2, Ranges((offsetBytes, lengthBytes)), 0);
            host.Serve(host.View);
        });
    }

    [Fact]
    public void AfterRunning_calls_back_when_what_ran_has_ended_whatever_came_after()
    {
        OpenDesk();
        List<string> calls = [];
        Do(host => host.Desk.AfterRunning(() => calls.Add("idle")));
        Nodes[2].Keep<WriteReplica>(static write => write.OffsetBytes == 0);
        Write(0, Filled(10, 1));
        Settle();
        Do(host => host.Desk.AfterRunning(() => calls.Add("after")));
        Nodes[1].Keep<WriteReplica>();
        Write(Block, Filled(10, 1));
        Settle();
        Assert.Equal(["idle"], calls);
        Nodes[2].AnswerKept();
        Settle();

        Assert.Equal(["idle", "after"], calls);
        Nodes[1].AnswerKept();
    }
}
