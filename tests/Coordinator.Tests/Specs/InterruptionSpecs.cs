using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Children that go and come while the volume is in the middle of something.</summary>
public sealed class InterruptionSpecs : VolumeSpec
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public void P21_a_target_lost_while_requests_are_drained_for_it_holds_none_of_them_up()
    {
        ClientReply slow = DrainFor(1);
        Nodes[1].ComesBack = false;
        Nodes[1].LoseConnection();
        Settle();

        Write(8 * Block, Filled(10, 3)).Expect<RangeDone>(Soon);
        Assert.False(slow.IsAnswered);
    }

    [Fact]
    public void P21_a_promotion_given_up_after_the_drain_lets_requests_go_on_at_once()
    {
        Open();
        ComeBackStale(1);
        Nodes[1].Keep<FlushReplica>();
        AwaitCondition(() => Nodes[1].KeptCount == 1, Long);
        Nodes[2].Keep<WriteReplica>();
        ClientReply failing = Write(4 * Block, Filled(10, 2));
        Settle();
        Nodes[1].AnswerKept();
        Settle();
        Nodes[2].FailKept(Errno.NoSpace);
        Nodes[2].FailAll<StampReplica>(Errno.NoSpace);
        failing.ExpectErrno(Errno.NoSpace);

        Write(8 * Block, Filled(10, 3)).Expect<RangeDone>(Soon);
        Nodes[2].Answers = null;
    }

    [Fact]
    public void P5_a_child_that_lost_its_data_is_built_anew_from_the_one_that_is_left_though_both_must_vote()
    {
        Open(count: 2, threshold: 2);
        Nodes[1].Incomplete = true;
        Nodes[1].Lie(0, SizeBytes);
        Nodes[1].ComesBack = true;
        Nodes[1].Restart();

        AwaitCondition(() => Nodes[1].AskedFor<SettleReplica>().Count > 0, 2 * Long);
        Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
        Assert.Equal(Nodes[0].Data, Nodes[1].Data);
    }

    [Fact]
    public void P16_a_recovering_volume_covers_nothing_while_a_synced_child_is_away()
    {
        Start(arrange: static nodes =>
        {
            nodes[0].UnderWay = [new ByteRange(0, 512)];
            nodes[1].Continuous = false;
            nodes[1].ComesBack = true;
            nodes[1].Keep<ListReplicaRegions>();
            nodes[2].Keep<OpenReplica>();
        });
        Advance(TimeSpan.FromSeconds(9));
        Assert.Equal([ChildState.Synced, ChildState.Lapsed, ChildState.Synced], RecordedStates);
        Assert.NotEmpty(Nodes[0].AskedFor<StampReplica>());
        Advance(TimeSpan.FromSeconds(8));

        Assert.NotEmpty(Nodes[0].AskedFor<FlushReplica>());

        // What the second one has is not known to the third, which may come back and vote.
        Assert.All(Nodes[0].AskedFor<FlushReplica>(), static flush => Assert.Equal(0UL, flush.Checkpoint));
        Assert.All(Nodes[0].AskedFor<StampReplica>(), static stamp => Assert.Equal(0UL, stamp.LowWater));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void P16_a_recovering_volume_that_closes_covers_nothing_while_a_synced_child_is_away(bool isAway)
    {
        Start(arrange: nodes =>
        {
            nodes[0].UnderWay = [new ByteRange(0, 512)];
            nodes[1].Continuous = false;
            nodes[1].ComesBack = true;
            nodes[1].Keep<ListReplicaRegions>();
            nodes[2].Continuous = false;
            if (isAway)
            {
                nodes[2].Keep<OpenReplica>();
            }
        });
        Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(isAway ? ChildState.Synced : ChildState.Lapsed, RecordedStates[2]);
        Assert.NotEmpty(Nodes[0].AskedFor<StampReplica>());

        Probe.Send(Volume, new CloseVolume());

        // What the third missed is on the first one's list, which ends with its process.
        ExpectMsg<VolumeClosed>();
        ulong covered = Assert.Single(Nodes[0].AskedFor<CloseReplica>()).Checkpoint;
        Assert.Equal(isAway, covered == 0);
    }

    [Fact]
    public void I8_one_child_that_knows_everything_and_one_to_copy_to_are_enough_though_the_third_is_dead()
    {
        Start(arrange: static nodes =>
        {
            nodes[1].Continuous = false;
            nodes[1].ComesBack = true;
            nodes[1].Lie(0, Block);
            nodes[2].Keep<OpenReplica>();
        });

        AwaitCondition(() => Nodes[1].AskedFor<SettleReplica>().Count > 0, Long);
        Settle();
        Assert.Equal([ChildState.Synced, ChildState.Synced, ChildState.Stale], RecordedStates);
        Assert.Equal(VolumeCondition.Degraded, Status().Condition);
        Write(8 * Block, Filled(10, 3)).Expect<RangeDone>();
        Assert.Equal(Nodes[0].Data, Nodes[1].Data);
    }

    /// <summary>
    /// Has everything copied to a child, and a request under way that its promotion waits for.
    /// </summary>
    private ClientReply DrainFor(int node)
    {
        Open();
        ComeBackStale(node);
        Nodes[node].Keep<FlushReplica>();
        AwaitCondition(() => Nodes[node].KeptCount == 1, Long);
        Nodes[0].Keep<ReadReplica>();
        ClientReply slow = Read(4 * Block, 10);
        Settle();
        Nodes[node].AnswerKept();
        Settle();
        return slow;
    }

    private void ComeBackStale(int node)
    {
        Nodes[node].FailAll<WriteReplica>(Errno.NoSpace);
        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Settle();
        Nodes[node].Answers = null;
        Nodes[node].ComesBack = true;
    }
}
