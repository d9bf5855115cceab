using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Closing: what is under way finishes, replicas are closed cleanly, then the volume ends.</summary>
public sealed class ClosingSpecs : VolumeSpec
{
    [Fact]
    public void What_is_under_way_finishes_what_comes_later_is_refused_and_replicas_are_closed()
    {
        Open();
        Nodes[0].Keep<WriteReplica>();
        ClientReply write = Write(0, Filled(10, 1));
        ClientReply waiting = Read(0, 10);
        Settle();

        Probe.Send(Volume, new CloseVolume());
        Settle();
        Read(Block, 10).ExpectErrno(Errno.Shutdown);
        Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<CloseReplica>()));
        Nodes[0].AnswerKept();

        ExpectMsg(new VolumeClosed("demo"));
        write.Expect<RangeDone>();
        waiting.ExpectErrno(Errno.Shutdown);
        Assert.All(Nodes, static node => Assert.Single(node.AskedFor<CloseReplica>()));
        Assert.Empty(Events);
    }

    [Fact]
    public void The_volume_is_announced_when_it_starts_and_withdrawn_when_it_ends()
    {
        List<object> said = [];
        Sys.EventStream.Subscribe<VolumeExported>(new Collector(said));
        Sys.EventStream.Subscribe<VolumeWithdrawn>(new Collector(said));
        Open();

        Probe.Send(Volume, new CloseVolume());

        ExpectMsg<VolumeClosed>();
        Settle();
        Assert.Equal(
            [new VolumeExported("demo", SizeBytes, Volume), new VolumeWithdrawn("demo", "closed")], said);
    }

    [Fact]
    public void A_replica_that_does_not_answer_the_close_holds_it_up_for_its_timeout_only()
    {
        Open();
        Nodes[0].Keep<CloseReplica>();

        Probe.Send(Volume, new CloseVolume());

        ExpectNoMsg(TimeSpan.FromSeconds(4.9));
        ExpectMsg<VolumeClosed>();
    }

    [Fact]
    public void A_replica_lost_while_it_closes_counts_as_closed()
    {
        Open();
        Nodes[0].Keep<CloseReplica>();
        Probe.Send(Volume, new CloseVolume());
        Settle();

        Nodes[0].LoseConnection();

        ExpectMsg<VolumeClosed>(timeout: TimeSpan.FromMilliseconds(10));
    }

    [Fact]
    public void P13_a_child_lost_while_the_last_requests_finish_keeps_nobody_waiting()
    {
        Open();
        Nodes[0].Keep<WriteReplica>();
        ClientReply write = Write(0, Filled(10, 1));
        Settle();
        Probe.Send(Volume, new CloseVolume());
        Settle();

        Nodes[0].LoseConnection();

        write.Expect<RangeDone>(TimeSpan.FromMilliseconds(50));
        ExpectMsg<VolumeClosed>(timeout: TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public void A_volume_told_to_close_while_its_epoch_is_being_raised_opens_nothing()
    {
        Start();
        HoldStore();
        Settle();
        Probe.Send(Volume, new CloseVolume());
        ClientReply read = Read(0, 10);
        Settle();
        ReleaseStore();

        ExpectMsg<VolumeClosed>();
        read.ExpectErrno(Errno.Shutdown);
        Settle();
        Assert.All(Nodes, static node => Assert.Empty(node.Asked));
    }

    [Fact]
    public void Requests_that_wait_for_the_opening_are_refused_when_the_volume_is_told_to_close()
    {
        Start(arrange: static nodes => nodes[1].Keep<OpenReplica>());
        ClientReply read = Read(0, 10);
        ClientReply write = Write(0, Filled(10, 1));
        Advance(TimeSpan.FromMilliseconds(100));

        Probe.Send(Volume, new CloseVolume());

        ExpectMsg<VolumeClosed>();
        read.ExpectErrno(Errno.Shutdown);
        write.ExpectErrno(Errno.Shutdown);
    }

    [Fact]
    public void Who_waits_for_an_opening_that_never_comes_is_told_when_the_volume_stops()
    {
        Start(arrange: static nodes => Array.ForEach(nodes, static node => node.Keep<OpenReplica>()));
        TestProbe waiter = CreateTestProbe();
        waiter.Send(Volume, new AwaitOpening());
        Settle();

        Sys.Stop(Volume);

        Assert.Equal("the volume has stopped", waiter.ExpectMsg<AdminRefused>().Reason);
    }

    [Fact]
    public void Everyone_who_asked_for_the_close_is_told()
    {
        Open();
        TestKit.TestProbe other = CreateTestProbe();

        Probe.Send(Volume, new CloseVolume());
        other.Send(Volume, new CloseVolume());

        ExpectMsg<VolumeClosed>();
        other.ExpectMsg<VolumeClosed>();
    }

    [Fact]
    public void A_failed_volume_closes_too()
    {
        Open(count: 2, threshold: 2);
        Nodes[1].FailAll<FlushReplica>(Errno.InputOutput, ReplicaRefusal.SyncFailed);
        Flush().ExpectErrno(Errno.InputOutput);

        Probe.Send(Volume, new CloseVolume());

        ExpectMsg<VolumeClosed>();
        Assert.Empty(Nodes[1].AskedFor<CloseReplica>());
    }

    private sealed class Collector(List<object> said) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) => said.Add(message);
    }
}
