using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>
/// Reads of a volume whose read pattern is fifo: the first child that can read is believed, q of them confirm
/// the epoch of each read (P14), and what failed is repaired by a vote (P19).
/// </summary>
public sealed class FifoSpecs : VolumeSpec
{
    public FifoSpecs() => Options = Options with { ReadPattern = ReadPattern.Fifo };

    [Fact]
    public void The_first_child_alone_is_asked_for_data_and_the_others_to_confirm()
    {
        Open();

        for (int number = 0; number < 3; number++)
        {
            ClientReply read = Read((number * Block) + 100, 5000);
            read.Expect<RangeRead>();
            Assert.Equal(Nodes[0].Data.AsSpan((number * Block) + 100, 5000).ToArray(), read.Bytes);
        }

        Settle();
        Assert.Equal(3, Nodes[0].AskedFor<ReadReplica>().Count);
        Assert.All(
            Nodes[0].AskedFor<ReadReplica>(), static asked => Assert.Equal(ReplicaReadMode.Data, asked.Mode));
        Assert.Empty(Nodes[0].AskedFor<ConfirmReplica>());
        Assert.All(Nodes.Skip(1), static node => Assert.Empty(node.AskedFor<ReadReplica>()));
        Assert.All(Nodes.Skip(1), static node => Assert.Equal(3, node.AskedFor<ConfirmReplica>().Count));
        Assert.Empty(Events);
    }

    [Fact]
    public void A_first_child_that_lies_is_believed_and_nobody_is_blamed()
    {
        Open();
        Nodes[0].Lie(0, 10);

        ClientReply read = Read(0, Block);

        read.Expect<RangeRead>();
        Assert.Equal(Nodes[0].Data.AsSpan(0, Block).ToArray(), read.Bytes);
        Settle();
        Assert.Empty(Events);
    }

    [Fact]
    public void P14_the_data_waits_until_q_children_have_confirmed_the_epoch_of_this_very_read()
    {
        Open();
        Read(0, Block).Expect<RangeRead>();
        Nodes[1].Keep<ConfirmReplica>();
        Nodes[2].Keep<ConfirmReplica>();

        ClientReply read = Read(0, Block);

        Advance(TimeSpan.FromSeconds(1));
        Assert.False(read.IsAnswered);
        Nodes[2].AnswerKept();
        read.Expect<RangeRead>(TimeSpan.FromMilliseconds(5));
        Nodes[1].AnswerKept();
    }

    [Fact]
    public void P14_I3_an_owner_whose_first_child_was_left_out_of_the_fence_answers_no_read()
    {
        Open();
        Read(0, Block).Expect<RangeRead>();
        ReplicaTicket later = new(Epoch: 9, Session: 1, Incarnation: 100);
        Nodes[1].Admit(later);
        Nodes[2].Admit(later);

        Read(0, Block).ExpectErrno(Errno.Stale);

        Settle();
        Assert.Equal(VolumeCondition.Failed, Status().Condition);
        Assert.Contains("another owner", Status().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void P14_a_read_fails_when_too_few_children_can_confirm()
    {
        Open();
        Nodes[1].Keep<ConfirmReplica>();
        Nodes[2].Keep<ConfirmReplica>();

        ClientReply read = Read(Block, Block);

        Advance(Settings.ChildTimeout + Settings.DeadlineCheckInterval);
        read.ExpectErrno(Errno.TimedOut);
        Settle();
        QuorumFailure failure = Assert.Single(Published<QuorumFailure>());
        Assert.Equal(("demo", 8L, 8L), (failure.Reference, failure.SectorNum, failure.SectorsCount));
        Assert.Equal(
            ["demo-node2", "demo-node3"],
            Published<QuorumReportBad>().Select(static report => report.NodeName).Order());
    }

    [Fact]
    public void A_child_that_fails_is_reported_and_the_next_one_in_order_is_asked()
    {
        Open(rewrite: false);
        Nodes[0].FailAll<ReadReplica>(Errno.InputOutput);
        Nodes[1].FailAll<ReadReplica>(Errno.NoMemory);

        ClientReply read = Read(Block, Block);

        read.Expect<RangeRead>();
        Assert.Equal(Nodes[2].Data.AsSpan(Block, Block).ToArray(), read.Bytes);
        Settle();
        Assert.Equal(
            [("demo-node1", Errno.Text(Errno.InputOutput)), ("demo-node2", Errno.Text(Errno.NoMemory))],
            Published<QuorumReportBad>().Select(static report => (report.NodeName, report.Error!)));
        Assert.All(Nodes, static node => Assert.Single(node.AskedFor<ReadReplica>()));
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));
        Assert.Equal(1, Status().Children[0].Counters.ReadErrors);
    }

    [Fact]
    public void When_every_child_fails_the_client_gets_the_error_of_the_last()
    {
        Open();
        Nodes[0].FailAll<ReadReplica>(Errno.NoMemory);
        Nodes[1].FailAll<ReadReplica>(Errno.NoMemory);
        Nodes[2].FailAll<ReadReplica>(Errno.NoSpace);

        Read(0, Block).ExpectErrno(Errno.NoSpace);

        Settle();
        Assert.Equal(3, Published<QuorumReportBad>().Count);
        Assert.Empty(Published<QuorumFailure>());
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));
    }

    [Fact]
    public void P19_a_child_that_failed_is_rewritten_once_a_vote_of_the_others_justifies_it()
    {
        Open();
        byte[] truth = Nodes[0].Data.AsSpan(0, Block).ToArray();
        Nodes[0].FailAll<ReadReplica>(Errno.InputOutput);
        Nodes[0].Lie(0, 100);
        Nodes[2].Keep<ReadReplica>();

        ClientReply read = Read(0, Block);

        read.Expect<RangeRead>(TimeSpan.FromMilliseconds(5));
        Assert.Equal(truth, read.Bytes);
        Settle();
        Assert.Empty(Nodes[0].AskedFor<WriteReplica>());
        Nodes[2].AnswerKept();
        Settle();
        Assert.Equal(ReplicaReadMode.Digest, Assert.Single(Nodes[2].AskedFor<ReadReplica>()).Mode);
        Assert.Equal("demo-node1", Assert.Single(Published<QuorumReportBad>()).NodeName);
        Assert.Equal("demo-node1", Assert.Single(Published<RangeRepaired>()).NodeName);
        Assert.Equal(truth, Nodes[0].Data.AsSpan(0, Block).ToArray());
    }

    [Fact]
    public void P19_a_write_waits_for_the_vote_and_the_repair()
    {
        Open();
        Nodes[0].FailAll<ReadReplica>(Errno.InputOutput);
        Nodes[2].Keep<ReadReplica>();
        Read(0, Block).Expect<RangeRead>();

        ClientReply write = Write(0, Filled(Block, 7));

        Settle();
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));
        Nodes[2].AnswerKept();
        write.Expect<RangeDone>();
        Assert.All(Nodes, static node => Assert.Equal(7, node.Data[0]));
    }

    [Fact]
    public void P19_without_a_majority_what_failed_is_reported_and_not_repaired()
    {
        Open(count: 3, threshold: 2);
        Nodes[0].FailAll<ReadReplica>(Errno.InputOutput);
        Nodes[1].Lie(0, 1);

        Read(0, Block).Expect<RangeRead>();

        Settle();
        Assert.Equal("demo-node1", Assert.Single(Published<QuorumReportBad>()).NodeName);
        Assert.Empty(Published<QuorumFailure>());
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<WriteReplica>()));
    }

    [Fact]
    public void P19_half_of_the_children_justify_no_repair()
    {
        Open(count: 2, threshold: 1);
        Nodes[0].FailAll<ReadReplica>(Errno.InputOutput);

        Read(0, Block).Expect<RangeRead>();

        Settle();
        Assert.Empty(Nodes[0].AskedFor<WriteReplica>());
    }

    [Fact]
    public void P19_a_child_that_was_believed_and_loses_the_vote_is_reported_and_repaired_too()
    {
        Open(count: 5, threshold: 3);
        byte[] truth = Nodes[0].Data.AsSpan(0, Block).ToArray();
        Nodes[0].FailAll<ReadReplica>(Errno.InputOutput);
        Nodes[0].Lie(0, 1);
        Nodes[1].Lie(5, 1);

        Read(0, Block).Expect<RangeRead>();

        Settle();
        Assert.Equal(
            [("demo-node1", Errno.Text(Errno.InputOutput)), ("demo-node2", null)],
            Published<QuorumReportBad>().Select(static report => (report.NodeName, report.Error)));
        Assert.Equal(
            ["demo-node1", "demo-node2"],
            Published<RangeRepaired>().Select(static repaired => repaired.NodeName).Order());
        Assert.All(Nodes, node => Assert.Equal(truth, node.Data.AsSpan(0, Block).ToArray()));
    }

    [Fact]
    public void P14_P19_where_no_version_of_the_whole_wins_the_vote_for_the_repair_is_held_per_block()
    {
        Open(count: 5, threshold: 3);
        byte[] truth = Nodes[0].Data.AsSpan(0, 2 * Block).ToArray();
        Nodes[0].FailAll<ReadReplica>(Errno.InputOutput);
        Nodes[0].Lie(0, 2 * Block);
        Nodes[1].Lie(0, 1);
        Nodes[2].Lie(Block, 1);

        Read(0, 2 * Block).Expect<RangeRead>();

        Settle();
        Assert.All(Nodes, node => Assert.Equal(truth, node.Data.AsSpan(0, 2 * Block).ToArray()));
        Assert.Empty(Published<QuorumFailure>());
    }

    [Fact]
    public void P13_a_first_child_that_never_answers_is_out_after_its_timeout_and_the_next_is_asked()
    {
        Open();
        Nodes[0].Keep<ReadReplica>();

        ClientReply read = Read(0, Block);

        Advance(TimeSpan.FromSeconds(1));
        Assert.False(read.IsAnswered);
        Advance(Settings.ChildTimeout);
        read.Expect<RangeRead>();
        Settle();
        Assert.Equal(ChildState.Stale, RecordedStates[0]);
        Assert.Equal("demo-node1", Assert.Single(Published<QuorumReportBad>()).NodeName);
        Read(0, Block).Expect<RangeRead>();
    }

    [Fact]
    public void Data_of_another_length_is_an_error_of_its_sender()
    {
        Open();
        Nodes[0].Answers = request => request is ReadReplica { Mode: ReplicaReadMode.Data } read
            ? new ReplicaRead(read.Tag, default, Buffers.CopyOf(Filled(Block - 1, 9)), null)
            : null;

        ClientReply read = Read(0, Block);

        read.Expect<RangeRead>();
        Assert.Equal(Nodes[1].Data.AsSpan(0, Block).ToArray(), read.Bytes);
    }

    [Fact]
    public void A_volume_that_is_stopped_during_a_fifo_read_answers_and_gives_the_data_back()
    {
        Open();
        Nodes[1].Keep<ConfirmReplica>();
        Nodes[2].Keep<ConfirmReplica>();
        ClientReply read = Read(0, Block);
        Settle();

        Sys.Stop(Volume);

        read.ExpectErrno(Errno.InputOutput);
    }
}
