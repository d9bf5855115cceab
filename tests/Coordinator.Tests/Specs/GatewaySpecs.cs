using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit;
using Replication.TestKit.Simulation;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>The gateway's entry: volumes from the store, new ones, status, and the close.</summary>
public sealed class GatewaySpecs : TestKitBase
{
    private readonly SimulatedStore _store;
    private readonly ReplicaStandIn[] _nodes;
    private readonly List<VolumeExported> _exported = [];
    private readonly IActorRef _gateway;

    public GatewaySpecs()
    {
        _store = new SimulatedStore(step => World.After(TimeSpan.FromMilliseconds(1), step));
        BufferLedger buffers = new();
        _nodes =
        [
            .. Enumerable.Range(1, 3).Select(number =>
                new ReplicaStandIn(this, buffers, $"node{number}", new byte[4096])),
        ];
        Sys.EventStream.Subscribe<VolumeExported>(new Exports(_exported));
        _gateway = StartGateway("gateway-a");
    }

    [Fact]
    public void A_new_volume_is_made_on_every_node_started_and_told_when_it_serves()
    {
        Create("beta");

        VolumeReady ready = ExpectMsg<VolumeReady>();

        Assert.Equal(("beta", VolumeCondition.Healthy), (ready.Status.Name, ready.Status.Condition));
        Assert.All(_nodes, static node => Assert.Single(node.AskedFor<CreateReplica>()));
        Assert.Single(_exported);
    }

    [Fact]
    public void A_name_that_is_taken_or_a_node_that_nobody_knows_is_refused_with_the_reason()
    {
        Create("beta");
        ExpectMsg<VolumeReady>();

        Create("beta");
        Assert.Contains("exists", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        Create("gamma", ["node1", "nowhere"]);
        Assert.Contains("nowhere", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        Probe.Send(_gateway, new AwaitVolume("delta"));
        Assert.Contains("delta", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_status_of_all_volumes_comes_in_the_order_of_their_names()
    {
        Create("beta");
        ExpectMsg<VolumeReady>();
        Create("alpha");
        ExpectMsg<VolumeReady>();

        Probe.Send(_gateway, new QueryVolumes());

        Assert.Equal(["alpha", "beta"], ExpectMsg<VolumeList>().Volumes.Select(static volume => volume.Name));
    }

    [Fact]
    public void A_gateway_that_starts_again_serves_what_is_in_the_store_under_the_next_epoch()
    {
        Create("beta");
        ExpectMsg<VolumeReady>();
        Probe.Send(_gateway, new CloseGateway());
        ExpectMsg<GatewayClosed>();
        IActorRef next = StartGateway("gateway-b");

        Probe.Send(next, new AwaitVolume("beta"));

        Assert.Equal(2u, ExpectMsg<VolumeReady>().Status.Epoch);
    }

    [Fact]
    public void A_creation_that_is_done_after_the_gateway_closed_starts_no_volume_that_nobody_closes()
    {
        _nodes[0].Keep<CreateReplica>();
        Create("beta");
        Advance(TimeSpan.FromMilliseconds(100));
        TestProbe closer = CreateTestProbe();
        closer.Send(_gateway, new CloseGateway());
        closer.ExpectMsg<GatewayClosed>();

        _nodes[0].AnswerKept();

        Assert.Contains("closing", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        Settle();
        Assert.Empty(_exported);
    }

    [Fact]
    public void A_child_is_added_on_a_node_that_has_none_and_taken_out_again_with_its_files()
    {
        Create("beta", ["node1", "node2"]);
        ExpectMsg<VolumeReady>();

        Probe.Send(_gateway, new AddChild("beta", "node3"));
        Assert.Equal(new ChildAdded("children.2", "beta-node3"), ExpectMsg<ChildAdded>());
        Assert.Single(_nodes[2].AskedFor<CreateReplica>());
        Probe.Send(_gateway, new QueryVolumes());
        Assert.Contains("added, and not built yet", ExpectMsg<VolumeList>().Volumes.Single().Reason!);
        Probe.Send(_gateway, new RemoveChild("beta", "children.2"));
        Assert.Equal(new ChildRemoved("children.2") { Node = "node3" }, ExpectMsg<ChildRemoved>());
        Settle();

        Assert.Single(_nodes[2].AskedFor<RemoveReplica>());
        Probe.Send(_gateway, new QueryVolumes());
        Assert.Equal(
            ["children.0", "children.1"],
            ExpectMsg<VolumeList>().Volumes.Single().Children.Select(static child => child.Name));
    }

    [Fact]
    public void Replicas_have_the_node_names_they_were_given_and_others_the_default()
    {
        Probe.Send(_gateway, new CreateVolume(
            "beta", 1 << 20, ["node2", "node1"], new VolumeOptions { Threshold = 2 })
        {
            NodeNames = ["Left", "right.1"],
            IsExported = false,
        });

        VolumeReady ready = ExpectMsg<VolumeReady>();
        Probe.Send(_gateway, new AddChild("beta", "node3") { NodeName = "Third", SizeBytes = 1 << 20 });

        Assert.Equal(["Left", "right.1"], ready.Status.Children.Select(static child => child.NodeName));
        Assert.Empty(ready.Status.Exports);
        Assert.Empty(_exported.Single().Exports);
        Assert.Equal(new ChildAdded("children.2", "Third"), ExpectMsg<ChildAdded>());
    }

    [Fact]
    public void Node_names_that_do_not_fit_the_children_or_are_there_twice_are_refused()
    {
        CreateVolume create = new("beta", 1 << 20, ["node1", "node2"], new VolumeOptions { Threshold = 2 });
        Refuses(create with { NodeNames = ["a"] }, "1 node-names for 2 children");
        Refuses(create with { NodeNames = ["a", "a"] }, "a is another child's");
        Refuses(create with { NodeNames = ["a", "a b"] }, "has another character");
        Probe.Send(_gateway, create with { NodeNames = ["a", "b"] });
        ExpectMsg<VolumeReady>();

        Refuses(new AddChild("beta", "node3") { NodeName = "b" }, "b is another child's");

        Assert.Empty(_nodes[2].AskedFor<CreateReplica>());
    }

    [Fact]
    public void A_child_of_another_size_is_refused_with_both_sizes_before_anything_is_made()
    {
        Create("beta", ["node1", "node2"]);
        ExpectMsg<VolumeReady>();

        Refuses(
            new AddChild("beta", "node3") { SizeBytes = (1 << 20) - 512 },
            "the replica has 1048064 bytes, volume beta has 1048576");

        Assert.Empty(_nodes[2].AskedFor<CreateReplica>());
    }

    [Fact]
    public void Exports_are_changed_through_the_gateway()
    {
        Create("beta");
        ExpectMsg<VolumeReady>();

        Probe.Send(_gateway, new AddExport("beta", new VolumeExport("x", "xx", false, "d")));

        Assert.Equal(2, ExpectMsg<ExportsChanged>().Exports.Count);
        Probe.Send(_gateway, new RemoveExport("beta", "beta"));
        Assert.Equal("x", ExpectMsg<ExportsChanged>().Exports.Single().Id);
        Refuses(new RemoveExport("gamma", "x"), "no volume 'gamma'");
        Refuses(new AddExport("gamma", VolumeExport.OwnOf("gamma")), "no volume 'gamma'");
    }

    [Fact]
    public void I6_children_that_cannot_be_added_or_taken_out_are_refused_with_the_reason()
    {
        Create("beta", ["node1", "node2"]);
        ExpectMsg<VolumeReady>();

        Refuses(new AddChild("beta", "nowhere"), "no storage node 'nowhere'");
        Refuses(new AddChild("gamma", "node3"), "no volume 'gamma'");
        Refuses(new AddChild("beta", "node2"), "beta has a replica on node2 already");
        Refuses(new RemoveChild("beta", "children.0"), "threshold is 2");
        Refuses(new RemoveChild("beta", "children.7"), "no children.7");
        Refuses(new RemoveChild("beta", "node1"), "children.N");
        _nodes[2].Answers = static request => request is CreateReplica create
            ? new ReplicaFailed(create.Tag, ReplicaRefusal.DiskError, 28, "no room")
            : null;
        Refuses(new AddChild("beta", "node3"), "no room");
        _nodes[2].Keep<CreateReplica>();
        Refuses(new AddChild("beta", "node3"), "no answer within 5 s from node3");
        Settle();
        Assert.Equal(
            _nodes[2].AskedFor<CreateReplica>().Select(static made => made.Identity),
            _nodes[2].AskedFor<RemoveReplica>().Select(static removed => removed.Identity).Distinct());
    }

    [Fact]
    public void A_volume_is_reopened_through_its_gateway_or_that_is_refused_with_the_reason()
    {
        VolumeOptions options = new() { Threshold = 2, Blkverify = true };
        Probe.Send(_gateway, new CreateVolume("beta", 4096, ["node1", "node2"], options));
        VolumeReady made = ExpectMsg<VolumeReady>();
        Refuses(new ReopenVolume("gamma"), "there is no volume 'gamma'");
        Refuses(new ReopenVolume("beta"), "volume 'beta' is not stopped");
        _nodes[1].Lie(5, 1);
        Probe.Send(Assert.Single(_exported).Volume, new ReadRange(0, 4096));
        ExpectMsg<RangeFailed>();
        Probe.Send(_gateway, new QueryVolumes());
        Assert.Equal(VolumeCondition.Stopped, ExpectMsg<VolumeList>().Volumes.Single().Condition);

        Probe.Send(_gateway, new ReopenVolume("beta"));

        Assert.Equal(made.Status.Epoch, ExpectMsg<VolumeReady>().Status.Epoch);
        Assert.Equal(2, _exported.Count);
    }

    private void Refuses(object command, string reason)
    {
        Probe.Send(_gateway, command);
        AdminRefused refused = ExpectMsg<AdminRefused>(timeout: TimeSpan.FromSeconds(6));
        Assert.Contains(reason, refused.Reason, StringComparison.Ordinal);
    }

    private void Create(string name, IReadOnlyList<string>? nodes = null) => Probe.Send(
        _gateway, new CreateVolume(name, 1 << 20, nodes, new VolumeOptions { Threshold = 2 }));

    private IActorRef StartGateway(string owner)
    {
        VolumeSeams seams = new(
            new VolumeRecords(_store),
            node => _nodes[int.Parse(node[4..]) - 1].Storage,
            owner,
            new VolumeSettings());
        return Sys.ActorOf(GatewayActor.Props(seams, ["node1", "node2", "node3"]), owner);
    }

    private sealed class Exports(List<VolumeExported> exported) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) =>
            exported.Add((VolumeExported)message);
    }
}
