using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Takeovers and lost memory (P10, P12), copies of the record (P4), settling (P9).</summary>
public sealed class TakeoverSpecs : VolumeSpec
{
    private const long Zone = RequestLimits.ZoneLengthBytes;

    private readonly List<object> _said = [];

    [Fact]
    public void P4_every_synced_child_has_the_record_before_the_volume_serves()
    {
        Start(arrange: static nodes => nodes[1].Keep<StoreReplicaRecord>());
        ClientReply write = Write(0, Filled(10, 1));
        Advance(TimeSpan.FromSeconds(1));
        Assert.False(write.IsAnswered);
        Assert.Empty(Nodes[0].AskedFor<WriteReplica>());
        Nodes[1].AnswerKept();

        write.Expect<RangeDone>();
        Assert.All(Nodes, node => Assert.Equal(Recorded.Serial, node.Serial));
    }

    [Fact]
    public void P4_a_write_is_not_acknowledged_before_the_others_have_the_record_that_calls_one_stale()
    {
        Open();
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[2].Keep<StoreReplicaRecord>();
        ClientReply write = Write(0, Filled(10, 1));
        Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ChildState.Stale, RecordedStates[1]);
        Assert.False(write.IsAnswered);

        Nodes[2].AnswerKept();

        write.Expect<RangeDone>();
        Assert.Equal(Recorded.Serial, Nodes[2].Serial);
    }

    [Fact]
    public void P4_a_child_that_does_not_take_its_copy_is_recorded_stale_before_the_write_is_acknowledged()
    {
        Open(count: 4, threshold: 2);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[2].FailAll<StoreReplicaRecord>(Errno.NoSpace);

        Write(0, Filled(10, 1)).Expect<RangeDone>();

        Assert.Equal(
            [ChildState.Synced, ChildState.Stale, ChildState.Stale, ChildState.Synced], RecordedStates);
        Assert.Equal([Recorded.Serial, Recorded.Serial], [Nodes[0].Serial, Nodes[3].Serial]);
    }

    [Fact]
    public void P4_where_a_copy_fails_and_too_few_are_left_the_write_is_not_acknowledged()
    {
        Open(count: 3, threshold: 2);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[2].FailAll<StoreReplicaRecord>(Errno.NoSpace);

        Write(0, Filled(10, 1)).ExpectErrno(Errno.NoSpace);

        Assert.Equal([ChildState.Synced, ChildState.Stale, ChildState.Synced], RecordedStates);
    }

    [Fact]
    public void P4_a_child_lost_while_it_is_sent_its_copy_keeps_nobody_waiting_for_its_timeout()
    {
        Open(count: 4, threshold: 2);
        Nodes[1].FailAll<WriteReplica>(Errno.NoSpace);
        Nodes[2].Keep<StoreReplicaRecord>();
        ClientReply write = Write(0, Filled(10, 1));
        Advance(TimeSpan.FromMilliseconds(100));

        Nodes[2].LoseConnection();

        write.Expect<RangeDone>(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void P4_a_sidecar_with_a_later_record_stops_the_volume()
    {
        Start(arrange: static nodes => nodes[1].FailAll<StoreReplicaRecord>(
            Errno.Stale, ReplicaRefusal.StaleSerial));

        Read(0, 10).ExpectErrno(Errno.InputOutput);

        Assert.Equal(VolumeCondition.Failed, Status().Condition);
    }

    [Fact]
    public void P9_children_are_settled_once_nothing_of_the_takeover_is_left_to_be_reconciled()
    {
        Start(arrange: static nodes => Array.ForEach(nodes, static node =>
        {
            node.Continuous = false;
            node.HotZones = [new ZoneRun(0, 1)];
            node.Keep<ReadReplica>();
        }));
        Assert.Equal(VolumeCondition.Degraded, Opened().Condition);
        Advance(TimeSpan.FromSeconds(1));
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<SettleReplica>()));

        Array.ForEach(Nodes, static node => node.AnswerKept());
        Advance(TimeSpan.FromSeconds(5));

        Assert.Equal((VolumeCondition.Healthy, 0L), (Status().Condition, Status().UnreconciledBytes));
        Assert.All(
            Nodes, static node => Assert.Equal(0UL, Assert.Single(node.AskedFor<SettleReplica>()).Clean));
    }

    [Fact]
    public void P12_a_child_that_forgot_is_stale_where_enough_know_everything()
    {
        Start(arrange: static nodes => nodes[2].Continuous = false);

        Assert.Equal(VolumeCondition.Degraded, Opened().Condition);

        Assert.Equal([ChildState.Synced, ChildState.Synced, ChildState.Stale], RecordedStates);
        Assert.Empty(Published<UnflushedWritesLost>());
    }

    [Fact]
    public void P12_two_of_three_that_forgot_do_not_outvote_the_third()
    {
        Start(arrange: static nodes => nodes[1].Continuous = nodes[2].Continuous = false);
        Read(0, 10).ExpectErrno(Errno.InputOutput);

        VolumeStatus status = Status();
        Assert.Equal([ChildState.Synced, ChildState.Lapsed, ChildState.Lapsed], RecordedStates);
        Assert.Equal(VolumeCondition.Suspended, status.Condition);
        Assert.Contains("1 of 3 children know every write", status.Reason, StringComparison.Ordinal);
        Assert.Contains("demo-node2", status.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void P12_when_all_lose_their_memory_connections_end_before_the_volume_serves_again()
    {
        Sys.EventStream.Subscribe<VolumeExported>(new Collector(_said));
        Sys.EventStream.Subscribe<VolumeWithdrawn>(new Collector(_said));
        Open(count: 3, threshold: 3);
        _said.Clear();
        Array.ForEach(Nodes, static node =>
        {
            node.HotZones = [new ZoneRun(0, 1)];
            node.Restart();
        });
        Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
        Assert.Single(Published<UnflushedWritesLost>());
        Assert.Equal("demo", Assert.IsType<VolumeWithdrawn>(_said[0]).Name);
        Assert.Equal(Volume, Assert.IsType<VolumeExported>(_said[1]).Volume);
        Assert.Equal(2u, Recorded.Epoch);
        Read(0, 10).Expect<RangeRead>();
    }

    [Fact]
    public void P12_what_waited_when_all_lost_their_memory_fails_with_the_old_connections()
    {
        Open();
        Array.ForEach(Nodes, static node => node.Keep<OpenReplica>());
        Array.ForEach(Nodes, static node =>
        {
            node.HotZones = [new ZoneRun(0, 1)];
            node.Restart();
        });
        Advance(TimeSpan.FromSeconds(2));
        Nodes[0].AnswerKept();
        Advance(TimeSpan.FromMilliseconds(100));
        ClientReply waiting = Read(0, 10);
        Advance(TimeSpan.FromMilliseconds(100));
        Nodes[1].AnswerKept();
        Nodes[2].AnswerKept();
        Advance(TimeSpan.FromSeconds(3));

        Assert.IsType<RangeFailed>(Assert.Single(waiting.Replies));
    }

    [Fact]
    public void P12_durability_write_loses_nothing_so_no_connection_is_closed()
    {
        Options = Options with { Durability = Durability.Write };
        Open(count: 3, threshold: 3);
        Array.ForEach(Nodes, static node => node.Restart());
        Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
        Assert.Empty(Published<UnflushedWritesLost>());
    }

    [Fact]
    public void P12_on_cache_loss_refuse_keeps_the_volume_closed_and_says_why()
    {
        Options = Options with { OnCacheLoss = CacheLossPolicy.Refuse };
        Start(arrange: static nodes => Array.ForEach(nodes, static node =>
        {
            node.Continuous = false;
            node.HotZones = [new ZoneRun(0, 1)];
        }));

        Read(0, 10).ExpectErrno(Errno.InputOutput);

        Assert.Equal(VolumeCondition.Failed, Status().Condition);
        Assert.Contains("on-cache-loss is refuse", Status().Reason, StringComparison.Ordinal);
        Assert.Equal(3, Recorded.SyncedCount);
    }

    [Fact]
    public void P12_a_new_volume_whose_replicas_never_were_settled_opens_without_a_word()
    {
        Start(arrange: static nodes => Array.ForEach(nodes, static node => node.Continuous = false));

        Assert.Equal(VolumeCondition.Healthy, Opened().Condition);

        Assert.Empty(Published<UnflushedWritesLost>());
    }

    [Fact]
    public void P12_a_continuous_child_that_comes_late_saves_what_the_others_forgot()
    {
        Start(arrange: static nodes =>
        {
            nodes[0].Keep<OpenReplica>();
            nodes[1].Continuous = nodes[2].Continuous = false;
        });
        Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(3, Recorded.SyncedCount);

        Nodes[0].AnswerKept();
        Advance(TimeSpan.FromSeconds(1));

        Assert.Equal([ChildState.Synced, ChildState.Lapsed, ChildState.Lapsed], RecordedStates);
        Assert.Empty(Published<UnflushedWritesLost>());
    }

    [Fact]
    public void P17_what_was_under_way_on_a_continuous_child_is_reconciled_before_it_is_read()
    {
        Start(arrange: static nodes =>
        {
            nodes[1].Lie(0, 512);
            nodes[1].UnderWay = [new ByteRange(0, 512), new ByteRange(5 * Zone, 512)];
        });

        ClientReply read = Read(0, 512);

        read.Expect<RangeRead>();
        Assert.Equal(Nodes[0].Data.AsSpan(0, 512), Nodes[1].Data.AsSpan(0, 512));
        Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, Status().UnreconciledBytes);
    }

    [Fact]
    public void A_volume_that_recovers_closes_when_it_is_told_to()
    {
        Start(arrange: static nodes => nodes[1].Continuous = nodes[2].Continuous = false);
        Read(0, 10).ExpectErrno(Errno.InputOutput);

        Probe.Send(Volume, new CloseVolume());

        ExpectMsg<VolumeClosed>();
    }

    private sealed class Collector(List<object> said) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) => said.Add(message);
    }
}
