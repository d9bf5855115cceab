using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Messages;
using Replication.TestKit;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>What administrators do is told on the event stream, once it is so.</summary>
public sealed class AdministrationEventSpecs : DeletionSpec
{
    private readonly List<VolumeEvent> _events = [];

    public AdministrationEventSpecs() =>
        Sys.EventStream.Subscribe<VolumeEvent>(new Listener(_events));

    [Fact]
    public void A_volume_that_was_made_is_told_of_before_anything_else_of_it()
    {
        Probe.Send(
            Gateway, Creation with { NodeNames = ["a", "b", "c"], Nodes = ["node2", "node1", "node3"] });
        ExpectMsg<VolumeReady>();

        VolumeCreated created = Assert.IsType<VolumeCreated>(_events[0]);
        Assert.Equal(("beta", 1L << 20, 2), (created.Volume, created.SizeBytes, created.Threshold));
        Assert.Equal(
            [
                new CreatedChild("children.0", "a", "node2"),
                new CreatedChild("children.1", "b", "node1"),
                new CreatedChild("children.2", "c", "node3"),
            ],
            created.Children);
        StartAgain();
        Advance(TimeSpan.FromSeconds(1));
        Assert.Single(_events.OfType<VolumeCreated>());
    }

    [Fact]
    public void A_volume_that_is_done_after_the_gateway_closed_is_there_and_told_of()
    {
        Nodes[0].Keep<CreateReplica>();
        Probe.Send(Gateway, Creation);
        Advance(TimeSpan.FromMilliseconds(100));
        Assert.Empty(_events);
        CreateTestProbe().Send(Gateway, new CloseGateway());

        Nodes[0].AnswerKept();

        ExpectMsg<AdminRefused>();
        Assert.Equal("beta", Assert.IsType<VolumeCreated>(Assert.Single(_events)).Volume);
    }

    [Fact]
    public void A_volume_that_was_never_whole_is_told_of_by_nothing()
    {
        Nodes[0].Answers = static request => request is CreateReplica create
            ? new ReplicaFailed(create.Tag, ReplicaRefusal.DiskError, 28, "no room")
            : null;
        Probe.Send(Gateway, Creation);
        ExpectMsg<AdminRefused>();
        Nodes[0].Answers = null;
        Nodes[0].Keep<CreateReplica>();
        Probe.Send(Gateway, Creation);
        Advance(TimeSpan.FromMilliseconds(100));
        Probe.Send(Gateway, new DeleteVolume("beta"));
        Advance(TimeSpan.FromMilliseconds(100));
        Nodes[0].AnswerKept();

        ExpectMsg<VolumeDeleted>();
        ExpectMsg<AdminRefused>();
        Assert.Empty(_events);
    }

    [Fact]
    public void A_deleted_volume_is_told_of_with_the_nodes_that_could_not_be_told()
    {
        Create();
        Delete();
        Assert.Equal(("beta", 0), Told<VolumeRemoved>(static one => (one.Volume, one.LeftOn.Count)));
        Create();
        Nodes[1].Answers = static request => request is RemoveReplica ? ReplicaStandIn.Silence : null;
        _events.Clear();

        Delete();

        Assert.Equal(["node2"], Told<VolumeRemoved, IReadOnlyList<string>>(static one => one.LeftOn));
    }

    [Fact]
    public void A_child_that_is_added_is_told_of_before_its_resync_and_one_that_is_taken_out_with_its_node()
    {
        Probe.Send(Gateway, Creation with { Nodes = ["node1", "node2"] });
        ExpectMsg<VolumeReady>();
        _events.Clear();

        Probe.Send(Gateway, new AddChild("beta", "node3") { NodeName = "third" });
        ExpectMsg<ChildAdded>();
        Probe.Send(Gateway, new RemoveChild("beta", "children.2"));
        ExpectMsg<ChildRemoved>();

        MemberAdded added = Assert.IsType<MemberAdded>(_events[0]);
        Assert.Equal(new MemberAdded(added.At, "beta", "children.2", "third", "node3"), added);
        MemberRemoved removed = Assert.Single(_events.OfType<MemberRemoved>());
        Assert.Equal(
            new MemberRemoved(removed.At, "beta", "children.2", "third", "node3", IsLeft: false), removed);
    }

    [Fact]
    public void A_child_whose_node_cannot_be_told_is_told_of_as_left_there()
    {
        Create();
        Nodes[2].Answers = static request => request is RemoveReplica ? ReplicaStandIn.Silence : null;

        Probe.Send(Gateway, new RemoveChild("beta", "children.2"));
        ExpectMsg<ChildRemoved>(timeout: TimeSpan.FromSeconds(6));

        Assert.True(Told<MemberRemoved, bool>(static one => one.IsLeft));
    }

    [Fact]
    public void A_reopened_volume_is_told_of_before_its_condition_changes()
    {
        VolumeOptions options = new() { Threshold = 2, Blkverify = true };
        Probe.Send(
            Gateway, Creation with { SizeBytes = 4096, Nodes = ["node1", "node2"], Options = options });
        ExpectMsg<VolumeReady>();
        Nodes[1].Lie(5, 1);
        Probe.Send(Said.OfType<VolumeExported>().Last().Volume, new ReadRange(0, 4096));
        ExpectMsg<RangeFailed>();
        Settle();
        _events.Clear();

        Probe.Send(Gateway, new ReopenVolume("beta"));
        ExpectMsg<VolumeReady>();

        Assert.Equal("beta", Assert.IsType<VolumeReopened>(_events[0]).Volume);
        Assert.IsType<VolumeConditionChanged>(_events[1]);
    }

    private TResult Told<T, TResult>(Func<T, TResult> part)
        where T : VolumeEvent => part(Assert.Single(_events.OfType<T>()));

    private (string Volume, int LeftCount) Told<T>(Func<T, (string Volume, int LeftCount)> part)
        where T : VolumeEvent => Told<T, (string Volume, int LeftCount)>(part);

    private sealed class Listener(List<VolumeEvent> events) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) =>
            events.Add((VolumeEvent)message);
    }
}
