using Replication.Actors.Disk;
using Replication.Coordinator.Events;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Children that are resynced get every change, and cost the client nothing (P15, P2).</summary>
public sealed class TargetSpecs : DeskSpec
{
    [Fact]
    public void P15_a_target_gets_every_write_and_zero_under_the_stamp_that_the_children_get()
    {
        OpenDesk(children: 2, targets: 1);

        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Ask(new ZeroRange(Block, 10, ZeroMode.MayPunch, Fua: false)).Expect<RangeDone>();
        Settle();

        Assert.Equal(Nodes[0].Data, Nodes[2].Data);
        Assert.Equal(Epoch1 + 1, Nodes[2].AskedFor<WriteReplica>().Single().Stamp);
        Assert.Equal(Epoch1 + 2, Nodes[2].AskedFor<ZeroReplica>().Single().Stamp);
    }

    [Fact]
    public void P15_the_client_does_not_wait_for_a_target_but_the_next_write_of_the_range_does()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Keep<WriteReplica>();

        Write(0, Filled(10, 1)).Expect<RangeDone>();
        ClientReply next = Write(5, Filled(10, 2));
        ClientReply elsewhere = Write(Block, Filled(10, 2));
        Advance(TimeSpan.FromSeconds(1));
        Assert.True(elsewhere.IsAnswered);
        Assert.False(next.IsAnswered);
        Nodes[2].AnswerKept();

        next.Expect<RangeDone>();
        Settle();
        Assert.Equal(Filled(10, 2), Nodes[2].Data[5..15]);
    }

    [Fact]
    public void P15_a_write_that_a_target_fails_succeeds_and_the_target_alone_is_out()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].FailAll<WriteReplica>(Errno.NoSpace);

        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Settle();

        Assert.Empty(Host.Judged);
        ChildFault fault = Assert.Single(Host.Ended.Single().Faults);
        Assert.Equal((2, FaultKind.Out, Errno.NoSpace), (fault.ChildIndex, fault.Kind, fault.Errno));
        Assert.True(Host.Ended.Single().Applied);
        Assert.Equal(0, Host.Desk.UnreconciledBytes);
        Assert.Equal("demo-node3", Published<QuorumReportBad>().Single().NodeName);
    }

    [Fact]
    public void P13_a_target_that_does_not_answer_is_given_up_and_holds_its_lock_no_longer()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Keep<WriteReplica>();

        Write(0, Filled(10, 1)).Expect<RangeDone>();
        ClientReply next = Write(0, Filled(10, 2));

        next.Expect<RangeDone>(TimeSpan.FromSeconds(6));
        Assert.Equal(FaultKind.Out, Host.Ended[0].Faults.Single().Kind);
        Assert.Single(Nodes[2].AskedFor<WriteReplica>());
    }

    [Fact]
    public void P15_a_childs_fault_is_judged_without_the_targets()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[2].FailAll<WriteReplica>(Errno.InputOutput);

        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Settle();

        Assert.Equal([1], Host.Judged.Single().Faults.Select(static fault => fault.ChildIndex));
        Assert.Equal([2], Host.Ended.Single().Faults.Select(static fault => fault.ChildIndex));
    }

    [Fact]
    public void P2_a_target_is_asked_for_no_vote_and_no_flush_of_a_client()
    {
        OpenDesk(children: 2, targets: 1);
        Nodes[2].Lie(0, Block);

        Read(0, Block).Expect<RangeRead>();
        Flush().Expect<RangeDone>();
        Settle();

        Assert.Empty(Nodes[2].AskedFor<ReadReplica>());
        Assert.Empty(Nodes[2].AskedFor<FlushReplica>());
        Assert.Empty(Events);
    }

    [Fact]
    public void P15_the_error_of_a_failed_write_is_voted_by_the_children_alone()
    {
        OpenDesk(children: 1, targets: 2);
        Nodes[0].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[1].FailAll<WriteReplica>(Errno.InputOutput);
        Nodes[2].FailAll<WriteReplica>(Errno.InputOutput);
        Do(static host => host.CanRecord = false);

        Write(0, Filled(10, 1)).ExpectErrno(Errno.NoSpace);
    }
}
