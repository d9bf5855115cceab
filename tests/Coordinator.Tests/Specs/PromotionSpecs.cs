using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit.Simulation;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Children that missed writes come back: opened, copied to, promoted (P20, P21).</summary>
public sealed class PromotionSpecs : VolumeSpec
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private VolumeCondition? Condition =>
        Published<VolumeConditionChanged>() is [.., { } last] ? last.Condition : null;

    [Fact]
    public void P21_a_child_that_missed_a_write_is_synced_again_by_itself()
    {
        Open();
        LoseAWriteOn(1);
        Assert.Equal(ChildState.Stale, RecordedStates[1]);

        ComeBack(1);
        AwaitCondition(() => RecordedStates[1] == ChildState.Synced, Long);
        Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
        Assert.Equal(Filled(10, 1), Nodes[1].Data[..10]);
        Assert.Equal(ReplicaRole.Target, Nodes[1].AskedFor<OpenReplica>()[^1].Role);
        Assert.Null(Assert.Single(Published<ResyncEnded>()).Error);
        Assert.Null(Status().Children[1].Resync);
        Write(0, Filled(10, 2)).Expect<RangeDone>();
        Assert.Equal(2, Nodes[1].Data[0]);
    }

    [Fact]
    public void P21_it_is_flushed_recorded_given_the_record_and_settled_in_this_order()
    {
        Open();
        LoseAWriteOn(1);
        Nodes[1].Asked.Clear();

        ComeBack(1);
        AwaitCondition(() => Nodes[1].AskedFor<SettleReplica>().Count > 0, Long);

        string[] order =
        [
            .. Nodes[1].Asked
                .Where(static asked => asked is FlushReplica or StoreReplicaRecord or SettleReplica)
                .Select(static asked => asked.GetType().Name),
        ];
        Assert.Equal(
            [nameof(FlushReplica), nameof(FlushReplica), nameof(StoreReplicaRecord), nameof(SettleReplica)],
            order[^4..]);
        Assert.Equal(Recorded.Serial, Nodes[1].Serial);
        Assert.True(Nodes[1].AskedFor<SettleReplica>()[^1].Clean > 0);
    }

    [Fact]
    public void P21_a_target_that_fails_its_flush_is_not_promoted_and_starts_again()
    {
        Open();
        LoseAWriteOn(1);
        Nodes[1].FailAll<FlushReplica>(Errno.InputOutput);
        Nodes[1].ComesBack = true;
        Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(ChildState.Stale, RecordedStates[1]);
        Assert.NotNull(Published<ResyncEnded>()[0].Error);
        Write(Block, Filled(10, 3)).Expect<RangeDone>();

        Nodes[1].Answers = null;
        AwaitCondition(() => RecordedStates[1] == ChildState.Synced, Long);
        Assert.Equal(3, Nodes[1].Data[Block]);
    }

    [Fact]
    public void P21_requests_go_on_under_the_old_view_when_the_target_does_not_answer_in_time()
    {
        Open();
        LoseAWriteOn(1);
        int flushes = 0;
        Nodes[1].Answers = request =>
            request is FlushReplica && ++flushes >= 2 ? ReplicaStandIn.Silence : null;
        Nodes[1].ComesBack = true;
        AwaitCondition(() => flushes >= 2, Long);

        ClientReply write = Write(Block, Filled(10, 3));

        write.Expect<RangeDone>(TimeSpan.FromSeconds(6));
        Assert.Equal(ChildState.Stale, RecordedStates[1]);
    }

    [Fact]
    public void A_target_lost_while_its_promotion_is_recorded_is_synced_and_out_and_judged_like_any_other()
    {
        Open();
        LoseAWriteOn(1);
        ComeBack(1);
        HoldStore();
        AwaitCondition(() => WaitingStoreSteps > 0, Long);
        ClientReply write = Write(Block, Filled(10, 3));
        Nodes[1].ComesBack = false;
        Nodes[1].LoseConnection();
        Advance(TimeSpan.FromMilliseconds(50));
        ReleaseStore();

        write.Expect<RangeDone>();

        Assert.Equal(ChildState.Stale, RecordedStates[1]);
        Assert.Equal(VolumeCondition.Degraded, Status().Condition);
    }

    [Fact]
    public void P3_a_promotion_of_unknown_outcome_stops_the_volume()
    {
        Open();
        LoseAWriteOn(1);
        Store.LoseNextAnswer(UnknownOutcome.Applied);

        ComeBack(1);

        AwaitCondition(() => Condition == VolumeCondition.Failed, Long);
        Read(0, 10).ExpectErrno(Errno.InputOutput);
    }

    [Fact]
    public void A_judgement_while_a_promotion_is_recorded_is_made_after_it()
    {
        Open(count: 4, threshold: 2);
        LoseAWriteOn(1);
        ComeBack(1);
        HoldStore();
        AwaitCondition(() => WaitingStoreSteps > 0, Long);
        Nodes[2].Keep<OpenReplica>();
        Nodes[2].LoseConnection();
        Advance(TimeSpan.FromMilliseconds(50));
        ReleaseStore();
        Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(
            [ChildState.Synced, ChildState.Synced, ChildState.Stale, ChildState.Synced], RecordedStates);
        Assert.Equal(VolumeCondition.Degraded, Status().Condition);
    }

    [Fact]
    public void P12_lapsed_children_are_copied_to_and_the_volume_resumes_at_its_threshold()
    {
        Start(arrange: static nodes =>
        {
            nodes[0].Lie(0, Block);
            nodes[1].Continuous = nodes[2].Continuous = false;
        });
        Read(0, 10).ExpectErrno(Errno.InputOutput);
        Nodes[1].ComesBack = true;
        AwaitCondition(() => Condition == VolumeCondition.Degraded, Long);

        // The third would miss what is acknowledged from now on (I4).
        Assert.Equal([ChildState.Synced, ChildState.Synced, ChildState.Stale], RecordedStates);
        Assert.Equal(Nodes[0].Data[..Block], Nodes[1].Data[..Block]);
        ClientReply read = Read(0, 10);
        read.Expect<RangeRead>();
        Assert.Equal(Nodes[0].Data[..10], read.Bytes);
        Nodes[2].ComesBack = true;
        AwaitCondition(() => Condition == VolumeCondition.Healthy, Long);
    }

    [Fact]
    public void P5_a_child_that_lost_its_data_beside_one_that_knows_everything_is_built_anew()
    {
        Options = Options with { Threshold = 2 };
        Start(count: 3, arrange: static nodes =>
        {
            nodes[1].Incomplete = true;
            nodes[1].Continuous = nodes[2].Continuous = false;
            nodes[1].Lie(0, SizeBytes);
            nodes[1].ComesBack = nodes[2].ComesBack = true;
        });

        AwaitCondition(() => Condition == VolumeCondition.Healthy, 2 * Long);

        Assert.Equal(Nodes[0].Data, Nodes[1].Data);
        Assert.Contains(Published<ResyncStarted>(), static started => started.Everything);
    }

    /// <summary>As a target it would clear marks that tell what it alone has.</summary>
    [Fact]
    public void P12_a_lapsed_child_is_copied_to_under_a_role_of_its_own()
    {
        Options = Options with { Threshold = 2 };
        Start(count: 3, arrange: static nodes =>
        {
            nodes[1].Continuous = nodes[2].Continuous = false;
            nodes[1].ComesBack = nodes[2].ComesBack = true;
        });

        AwaitCondition(() => Condition == VolumeCondition.Healthy, 2 * Long);

        Assert.Contains(Nodes[1].AskedFor<OpenReplica>(), static open => open.Role == ReplicaRole.Lapsed);
    }

    [Fact]
    public void A_node_that_has_nothing_of_a_stale_child_makes_it_anew()
    {
        Open();
        LoseAWriteOn(1);
        bool isMade = false;
        Nodes[1].Answers = request =>
        {
            isMade |= request is CreateReplica;
            return request is OpenReplica open && !isMade
                ? new ReplicaFailed(open.Tag, ReplicaRefusal.UnknownVolume, Errno.NoEntry, "not here")
                : null;
        };
        Nodes[1].ComesBack = true;

        AwaitCondition(() => RecordedStates[1] == ChildState.Synced, Long);
        Assert.Single(Nodes[1].AskedFor<CreateReplica>());
    }

    [Fact]
    public void An_epoch_raised_while_a_target_is_copied_to_starts_its_resync_anew()
    {
        Settings = Settings with { EpochStampsMax = 20 };
        Open();
        LoseAWriteOn(1);
        ComeBack(1);
        for (int i = 0; i < 30; i++)
        {
            Write(i * Block, Filled(10, 4)).Expect<RangeDone>(TimeSpan.FromSeconds(7));
        }

        AwaitCondition(() => RecordedStates[1] == ChildState.Synced, Long);
        Advance(TimeSpan.FromSeconds(1));
        Assert.True(Recorded.Epoch > 1);
        Assert.Equal(Nodes[0].Data, Nodes[1].Data);
    }

    private void LoseAWriteOn(int node)
    {
        Nodes[node].FailAll<WriteReplica>(Errno.NoSpace);
        Write(0, Filled(10, 1)).Expect<RangeDone>();
        Settle();
        Nodes[node].Answers = null;
    }

    private void ComeBack(int node) => Nodes[node].ComesBack = true;
}
