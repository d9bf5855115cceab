using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit.Simulation;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>
/// How blocks go on the volume's list of bad ones and come off it, and what waits for that (P21, P22).
/// </summary>
public sealed class BadBlockSpecs : VolumeSpec
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public void P22_a_block_that_a_resync_finds_is_recorded_before_a_write_of_it_is_started()
    {
        Open();
        LoseAWriteOn(1);
        Nodes[0].Lie(3 * Block, 10);
        Nodes[0].Keep<ReadReplica>();
        Nodes[1].ComesBack = true;
        AwaitCondition(() => Nodes[0].KeptCount > 0);
        HoldStore();

        // It waits for the copy's lock. Started on a view without the block, it would not clear it, and a
        // good block would stay bad.
        ClientReply write = Write(3 * Block, Filled(Block, 7));
        Nodes[0].AnswerKept();
        Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, WaitingStoreSteps);
        Assert.False(write.IsAnswered);
        Assert.DoesNotContain(Nodes[0].AskedFor<WriteReplica>(), IsOfBlock3);
        ReleaseStore();

        write.Expect<RangeDone>();
        Assert.Empty(Recorded.BadBlocks);
        Read(3 * Block, Block).Expect<RangeRead>();
        Assert.Equal([true, false], Published<BadBlocksChanged>().Select(static changed => changed.Bad));
    }

    [Fact]
    public void P22_so_it_is_when_another_change_of_the_record_is_under_way()
    {
        Open(count: 4);
        LoseAWriteOn(1);
        Nodes[0].Lie(3 * Block, 10);
        Nodes[3].Lie(3 * Block, 10, mask: 1);
        Nodes[0].Keep<ReadReplica>();
        Nodes[1].Clean = 1;
        Nodes[1].ComesBack = true;
        AwaitCondition(() => Nodes[0].KeptCount > 0);
        HoldStore();
        Nodes[3].FailAll<WriteReplica>(Errno.NoSpace);
        ClientReply failing = Write(SizeBytes - Block, Filled(Block, 1));
        AwaitCondition(() => WaitingStoreSteps == 1);
        Nodes[0].AnswerKept();
        ClientReply write = Write(3 * Block, Filled(Block, 7));
        Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, WaitingStoreSteps);

        StepStore();
        StepStore();
        Advance(TimeSpan.FromSeconds(1));
        failing.Expect<RangeDone>();
        Assert.Equal(ChildState.Stale, RecordedStates[3]);
        Assert.Equal(1, WaitingStoreSteps);
        Assert.False(write.IsAnswered);
        Assert.DoesNotContain(Nodes[0].AskedFor<WriteReplica>(), IsOfBlock3);
        ReleaseStore();

        write.Expect<RangeDone>();
        Assert.Empty(Recorded.BadBlocks);
        Assert.Equal([true, false], Published<BadBlocksChanged>().Select(static changed => changed.Bad));
    }

    [Fact]
    public void P22_a_write_that_covers_a_bad_block_is_answered_once_the_list_is_recorded_and_copied()
    {
        BadBlocksBefore = [3];
        Open();
        HoldStore();
        ClientReply write = Write(3 * Block, Filled(Block, 7));
        Advance(TimeSpan.FromSeconds(1));
        Assert.False(write.IsAnswered);
        Nodes[2].Keep<StoreReplicaRecord>();
        ReleaseStore();
        Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(Recorded.BadBlocks);
        Assert.False(write.IsAnswered);
        Nodes[2].AnswerKept();

        write.Expect<RangeDone>();
        Assert.All(Nodes, node => Assert.Equal(Recorded.Serial, node.Serial));
    }

    [Fact]
    public void P22_a_client_that_was_told_of_its_write_reads_it()
    {
        BadBlocksBefore = [3];
        Open();

        // In the very moment of the answer the new list is in use.
        Write(3 * Block, Filled(Block, 7)).Expect<RangeDone>();
        ClientReply read = Read((3 * Block) - 1, Block + 2);

        read.Expect<RangeRead>();
        Assert.Equal(7, read.Bytes[1]);
    }

    [Fact]
    public void P22_a_write_of_a_part_changes_neither_the_list_nor_that_reads_fail()
    {
        BadBlocksBefore = [3];
        Open();
        long serial = Recorded.Serial;

        Write((3 * Block) + 1, Filled(Block, 7)).Expect<RangeDone>();

        Assert.Equal(serial, Recorded.Serial);
        Read(3 * Block, 1).ExpectErrno(Errno.InputOutput);
    }

    [Theory]
    [InlineData(UnknownOutcome.NotApplied)]
    [InlineData(UnknownOutcome.Applied)]
    public void P22_a_write_whose_blocks_may_be_on_the_list_still_fails(UnknownOutcome outcome)
    {
        BadBlocksBefore = [3];
        Open();
        Store.LoseNextAnswer(outcome);

        ClientReply write = Write(3 * Block, Filled(Block, 7));

        write.ExpectErrno(Errno.InputOutput);
        Assert.Empty(Published<BadBlocksChanged>());
        Assert.Equal(VolumeCondition.Failed, Status().Condition);
    }

    [Fact]
    public void P22_a_write_that_covers_a_bad_block_is_carried_through_while_the_volume_closes()
    {
        BadBlocksBefore = [3];
        Open();
        Nodes[0].Keep<WriteReplica>();
        ClientReply write = Write(3 * Block, Filled(Block, 7));
        Settle();
        CreateTestProbe("closer").Send(Volume, new CloseVolume());
        Settle();
        Nodes[0].AnswerKept();

        write.Expect<RangeDone>();
        Assert.Empty(Recorded.BadBlocks);
    }

    [Fact]
    public void P22_each_run_of_neighbouring_blocks_is_one_event()
    {
        Open();
        LoseAWriteOn(1);
        Nodes[0].Lie(3 * Block, 2 * Block);
        Nodes[0].Lie(9 * Block, 10);
        Nodes[1].ComesBack = true;
        AwaitCondition(() => Published<BadBlocksChanged>().Count >= 2, Long);
        Write(2 * Block, Filled(8 * Block, 7)).Expect<RangeDone>();

        Assert.Equal(
            [(24, 16, true), (72, 8, true), (24, 16, false), (72, 8, false)],
            Published<BadBlocksChanged>().Select(static changed =>
                ((int)changed.SectorNum, (int)changed.SectorsCount, changed.Bad)));
    }

    [Fact]
    public void P22_the_list_outlives_its_owner()
    {
        Open();
        LoseAWriteOn(1);
        Nodes[0].Lie(3 * Block, 10);
        Nodes[1].ComesBack = true;
        AwaitCondition(() => RecordedStates[1] == ChildState.Synced, Long);
        Sys.Stop(Volume);
        Settle();
        Nodes[0].Lie(3 * Block, 10);

        StartAgain();

        // All agree by now, but nobody has said that what they agree on is right.
        Read(3 * Block, 10).ExpectErrno(Errno.InputOutput);
        Write(3 * Block, Filled(Block, 7)).Expect<RangeDone>();
        Read(3 * Block, 10).Expect<RangeRead>();
    }

    [Fact]
    public void P21_a_child_is_not_promoted_while_a_block_does_not_fit_the_list_and_is_once_there_is_room()
    {
        VolumeSizeBytes = 64 << 20;
        BadBlocksBefore = [200, .. Enumerable.Range(1000, RecordLimits.BadBlocksMax - 1)];
        Options = Options with { Threshold = 2 };
        Start(arrange: static nodes => Array.ForEach(nodes, static node =>
        {
            node.Clean = 1;
            node.RegionCount = 1024;
        }));
        Opened();
        LoseAWriteOn(1);
        Nodes[0].Lie(3 * Block, 10);
        Nodes[1].ComesBack = true;
        Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(ChildState.Stale, RecordedStates[1]);
        Assert.DoesNotContain(3L, Recorded.BadBlocks);
        Assert.Contains("at most 4096", Status().Children[1].Reason, StringComparison.Ordinal);
        Assert.Contains("at most 4096", Status().Reason, StringComparison.Ordinal);
        Assert.Single(Published<ResyncStarted>());

        Write(200 * Block, Filled(Block, 7)).Expect<RangeDone>();

        AwaitCondition(() => RecordedStates[1] == ChildState.Synced, Long);
        Assert.Contains(3L, Recorded.BadBlocks);
        Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
    }

    private static bool IsOfBlock3(WriteReplica write) => write.OffsetBytes == 3 * Block;

    private void LoseAWriteOn(int node)
    {
        Nodes[node].FailAll<WriteReplica>(Errno.NoSpace);
        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Settle();
        Nodes[node].Answers = null;
    }
}
