using Replication.Actors.Disk;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>What the status says beside the condition: since when, how much is bad, and why now.</summary>
public sealed class StatusSpecs : VolumeSpec
{
    [Fact]
    public void A_condition_has_the_time_at_which_it_began()
    {
        Open();
        DateTimeOffset healthy = Assert.NotNull(Status().Since);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Write(0, Filled(Block, 1)).Expect<RangeDone>();
        Settle();
        DateTimeOffset degraded = Assert.NotNull(Status().Since);
        Advance(TimeSpan.FromSeconds(3));

        Assert.True(degraded > healthy);
        Assert.Equal((VolumeCondition.Degraded, degraded), (Status().Condition, Status().Since));
    }

    [Fact]
    public void P22_bad_blocks_are_counted_in_bytes()
    {
        BadBlocksBefore = [3, 7];
        Open();

        Assert.Equal(2 * Block, Status().BadBytes);
    }

    [Fact]
    public void Reads_without_a_winner_are_counted_and_the_last_is_kept()
    {
        Open();
        Assert.Null(Status().ReadsWithoutWinner);
        Nodes[0].Lie(Block, 1);
        Nodes[1].Lie(Block, 2);

        Read(0, 2 * Block).ExpectErrno(Errno.InputOutput);
        Settle();
        DateTimeOffset first = Status().ReadsWithoutWinner!.LastAt;
        Advance(TimeSpan.FromSeconds(3));
        Read(Block, Block).ExpectErrno(Errno.InputOutput);
        Read(0, Block).Expect<RangeRead>();
        Settle();

        ReadsWithoutWinner reads = Assert.IsType<ReadsWithoutWinner>(Status().ReadsWithoutWinner);
        Assert.Equal(new ReadsWithoutWinner(2, reads.LastAt, Block, Block), reads);
        Assert.True(reads.LastAt >= first + TimeSpan.FromSeconds(3));
        Assert.Equal(2, Published<QuorumFailure>().Count);
    }

    [Fact]
    public void A_write_that_fails_is_no_read_without_a_winner()
    {
        Open();
        Nodes[0].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);

        Write(0, Filled(Block, 1)).ExpectErrno(Errno.NoSpace);
        Settle();

        Assert.Single(Published<QuorumFailure>());
        Assert.Null(Status().ReadsWithoutWinner);
    }

    [Fact]
    public void A_child_that_is_back_is_not_explained_by_what_took_it_away()
    {
        Open();
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Write(0, Filled(Block, 1)).Expect<RangeDone>();
        Settle();
        string away = Status().Reason!;
        Nodes[1].Answers = null;
        Nodes[1].ComesBack = true;
        Nodes[0].Keep<ReadReplica>();
        AwaitCondition(() => Nodes[0].KeptCount > 0);

        Assert.Equal("demo-node2 is stale (told to fail)", away);
        Assert.Equal("demo-node2 is stale (it is being resynced)", Status().Reason);
        Nodes[0].AnswerKept();
    }
}
