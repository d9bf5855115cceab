using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>A child that missed something comes back by itself: volume, desk and resync together.</summary>
public sealed class ReturnSpecs : VolumeSpec
{
    [Fact]
    public void P21_a_child_that_missed_writes_is_copied_to_under_load_and_is_synced_again()
    {
        Open();
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Write(0, Filled(10 * Block, 1)).Expect<RangeDone>();
        Settle();
        Assert.Equal(ChildState.Stale, RecordedStates[1]);
        Nodes[1].Answers = null;
        Nodes[1].ComesBack = true;
        for (int i = 0; i < 40; i++)
        {
            Write(i * 3 * Block, Filled(Block, (byte)(100 + i))).Expect<RangeDone>();
            Advance(TimeSpan.FromMilliseconds(250));
        }

        Assert.All(RecordedStates, static state => Assert.Equal(ChildState.Synced, state));
        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
        Assert.Equal(Nodes[0].Data, Nodes[1].Data);
        Assert.Null(Published<ResyncEnded>().Single().Error);
    }

    [Fact]
    public void P22_a_block_without_a_winner_fails_reads_until_a_write_covers_it_and_holds_no_child_back()
    {
        Open();
        Nodes[0].Lie(3 * Block, 10);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Write(0, Filled(Block, 1)).Expect<RangeDone>();
        Settle();
        Nodes[1].Answers = null;
        Nodes[1].ComesBack = true;
        Advance(TimeSpan.FromSeconds(10));

        Assert.Equal([3L], Recorded.BadBlocks.ToArray());
        Assert.All(RecordedStates, static state => Assert.Equal(ChildState.Synced, state));
        Read(2 * Block, 2 * Block).ExpectErrno(Errno.InputOutput);
        Read(2 * Block, Block).Expect<RangeRead>();
        Write(3 * Block, Filled(100, 7)).Expect<RangeDone>();
        Read(3 * Block, 10).ExpectErrno(Errno.InputOutput);
        Write(3 * Block, Filled(Block, 7)).Expect<RangeDone>();
        Assert.Empty(Recorded.BadBlocks);

        Read(3 * Block, Block).Expect<RangeRead>();
        Assert.Equal(Nodes[0].Data, Nodes[1].Data);
        Assert.Equal([true, false], Published<BadBlocksChanged>().Select(static changed => changed.Bad));
    }
}
