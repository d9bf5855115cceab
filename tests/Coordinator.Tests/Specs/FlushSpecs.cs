using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Flush, its checkpoint (P16), stamps (P6) and what becomes of a failed sync (P8, P12).</summary>
public sealed class FlushSpecs : VolumeSpec
{
    private const ulong Epoch1 = 1UL << 40;

    [Fact]
    public void A_flush_is_answered_when_every_synced_child_has_flushed()
    {
        Open();
        Nodes[2].Keep<FlushReplica>();

        ClientReply flush = Flush();
        Advance(TimeSpan.FromSeconds(1));
        Assert.False(flush.IsAnswered);
        Nodes[2].AnswerKept();

        flush.Expect<RangeDone>();
    }

    [Fact]
    public void P16_the_checkpoint_does_not_pass_a_write_that_was_under_way_when_the_flush_was_sent()
    {
        Open();
        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Settle();
        Nodes[2].Keep<WriteReplica>();
        ClientReply slow = Write(Block, Filled(10, 1));
        Nodes[2].Keep<WriteReplica>(static write => write.OffsetBytes == Block);
        Write(2 * Block, Filled(10, 1)).Expect<RangeDone>();

        Flush().Expect<RangeDone>();
        Assert.Equal(Epoch1 + 1, Nodes[0].AskedFor<FlushReplica>()[^1].Checkpoint);
        Nodes[2].AnswerKept();
        slow.Expect<RangeDone>();
        Settle();
        Flush().Expect<RangeDone>();

        Assert.Equal(Epoch1 + 3, Nodes[0].AskedFor<FlushReplica>()[^1].Checkpoint);
    }

    [Fact]
    public void P6_stamps_rise_with_each_write_and_carry_the_low_water_mark()
    {
        Open();
        Nodes[2].Keep<WriteReplica>(static write => write.OffsetBytes == 0);
        ClientReply slow = Write(0, Filled(10, 1));
        Settle();
        Write(Block, Filled(10, 1)).Expect<RangeDone>();
        Ask(new ZeroRange(2 * Block, 10, ZeroMode.MayPunch, Fua: false)).Expect<RangeDone>();
        Nodes[2].AnswerKept();
        slow.Expect<RangeDone>();
        Settle();
        Write(Block, Filled(10, 1)).Expect<RangeDone>();

        Assert.Equal(
            [(Epoch1 + 1, Epoch1 + 1), (Epoch1 + 2, Epoch1 + 1), (Epoch1 + 4, Epoch1 + 4)],
            Nodes[0].AskedFor<WriteReplica>().Select(static write => (write.Stamp, write.LowWater)));
        Assert.Equal((Epoch1 + 3, Epoch1 + 1), Nodes[0].AskedFor<ZeroReplica>()
            .Select(static zero => (zero.Stamp, zero.LowWater)).Single());
    }

    [Fact]
    public void P16_and_P17_neither_checkpoint_nor_low_water_mark_pass_what_is_to_be_reconciled()
    {
        Open();
        Nodes[0].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[2].Keep<ReadReplica>();
        Write(0, Filled(100, 1)).ExpectErrno(Errno.NoSpace);
        Settle();
        Nodes[0].Answers = null;
        Nodes[1].Answers = null;
        Write(Block, Filled(10, 1)).Expect<RangeDone>();
        Settle();

        Flush().Expect<RangeDone>();
        Assert.Equal(Epoch1, Nodes[0].AskedFor<FlushReplica>()[^1].Checkpoint);
        Write(Block, Filled(10, 1)).Expect<RangeDone>();
        Assert.Equal(Epoch1 + 1, Nodes[0].AskedFor<WriteReplica>()[^1].LowWater);
        Nodes[2].AnswerKept();
        Settle();
        Flush().Expect<RangeDone>();

        Assert.Equal(Epoch1 + 4, Nodes[0].AskedFor<FlushReplica>()[^1].Checkpoint);
    }

    [Fact]
    public void A_failed_sync_is_recorded_stale_before_the_flush_is_answered()
    {
        Open();
        Nodes[1].FailAll<FlushReplica>(Errno.InputOutput, ReplicaRefusal.SyncFailed);
        HoldStore();

        ClientReply flush = Flush();
        Advance(TimeSpan.FromSeconds(1));
        Assert.False(flush.IsAnswered);
        ReleaseStore();

        flush.Expect<RangeDone>();
        Assert.Equal(ChildState.Stale, RecordedStates[1]);
        QuorumReportBad report = Assert.Single(Published<QuorumReportBad>());
        Assert.Equal(
            (QuorumOperation.Flush, "Input/output error", 0L, 0L),
            (report.Operation, report.Error, report.SectorNum, report.SectorsCount));
        Assert.Equal(1, Status().Children[1].Counters.FlushErrors);
        Assert.Single(Nodes[1].AskedFor<FlushReplica>());
    }

    [Fact]
    public void P12_a_failed_sync_with_too_few_others_fails_the_flush_and_suspends_the_volume()
    {
        Open(count: 3, threshold: 3);
        Nodes[1].FailAll<FlushReplica>(Errno.InputOutput, ReplicaRefusal.SyncFailed);

        Flush().ExpectErrno(Errno.InputOutput);

        Advance(TimeSpan.FromSeconds(2));
        Forget();
        Read(0, 10).ExpectErrno(Errno.InputOutput);
        Write(0, Filled(10, 1)).ExpectErrno(Errno.InputOutput);
        Flush().ExpectErrno(Errno.InputOutput);
        Assert.Equal(VolumeCondition.Suspended, Status().Condition);
        Assert.Equal([ChildState.Synced, ChildState.Lapsed, ChildState.Synced], RecordedStates);
        Assert.Empty(Published<QuorumFailure>());
    }

    [Fact]
    public void P12_two_failed_syncs_of_three_are_judged_together_and_the_third_is_not_outvoted()
    {
        Open();
        Nodes[0].FailAll<FlushReplica>(Errno.InputOutput, ReplicaRefusal.SyncFailed);
        Nodes[1].FailAll<FlushReplica>(Errno.InputOutput, ReplicaRefusal.SyncFailed);

        Flush().ExpectErrno(Errno.InputOutput);

        Advance(TimeSpan.FromSeconds(2));
        Assert.Equal([ChildState.Lapsed, ChildState.Lapsed, ChildState.Synced], RecordedStates);
        Assert.Equal(VolumeCondition.Suspended, Status().Condition);
    }

    [Fact]
    public void A_flush_that_a_child_does_not_answer_waits_for_its_timeout_and_no_longer()
    {
        Open();
        Nodes[0].Keep<FlushReplica>();

        Flush().Expect<RangeDone>(TimeSpan.FromSeconds(6));

        Assert.Equal(ChildState.Stale, RecordedStates[0]);
    }

    [Fact]
    public void P6_an_owner_that_has_used_up_an_epochs_stamps_raises_its_own_with_nothing_under_way()
    {
        Settings = Settings with { EpochStampsMax = 3 };
        Open();
        Nodes[2].Keep<WriteReplica>();
        ClientReply[] writes = [.. Enumerable.Range(0, 3).Select(i => Write(i * Block, Filled(10, 1)))];
        Settle();
        ClientReply next = Write(0, Filled(10, 9));
        Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1u, Recorded.Epoch);
        Nodes[2].AnswerKept();

        Array.ForEach(writes, static write => write.Expect<RangeDone>());
        next.Expect<RangeDone>();
        Assert.Equal(2u, Recorded.Epoch);
        Assert.Equal((2UL << 40) + 1, Nodes[0].AskedFor<WriteReplica>()[^1].Stamp);
        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
    }
}
