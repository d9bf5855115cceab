using System.Text;
using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit;
using Replication.TestKit.Simulation;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Volumes that are deleted, in whichever state they are, and wherever it is interrupted.</summary>
public sealed class DeletionSpecs : TestKitBase
{
    private readonly SimulatedStore _store;
    private readonly Queue<Action> _heldSteps = new();
    private readonly ReplicaStandIn[] _nodes;
    private readonly List<object> _said = [];
    private IActorRef _gateway;
    private bool _isStoreHeld;

    public DeletionSpecs()
    {
        _store = new SimulatedStore(step =>
        {
            if (_isStoreHeld)
            {
                _heldSteps.Enqueue(step);
            }
            else
            {
                World.After(TimeSpan.FromMilliseconds(1), step);
            }
        });
        BufferLedger buffers = new();
        _nodes =
        [
            .. Enumerable.Range(1, 3).Select(number =>
                new ReplicaStandIn(this, buffers, $"node{number}", new byte[4096])),
        ];
        Sys.EventStream.Subscribe<VolumeExported>(new Collector(_said));
        Sys.EventStream.Subscribe<VolumeWithdrawn>(new Collector(_said));
        _gateway = StartGateway("gateway-a");
    }

    private string[] Keys => [.. _store.Entries.Select(static entry => entry.Key)];

    [Fact]
    public void A_volume_is_closed_before_its_record_goes_and_its_files_after_it()
    {
        Create();
        List<string> order = [];
        _store.Changed = (key, entry) =>
            order.Add(entry is null ? $"deleted {key[..key.IndexOf('/', StringComparison.Ordinal)]}" : key);
        _nodes[0].Answers = request =>
        {
            order.Add(request.GetType().Name);
            return null;
        };

        Probe.Send(_gateway, new DeleteVolume("beta"));

        Assert.Empty(ExpectMsg<VolumeDeleted>().LeftOn);
        Assert.IsType<VolumeWithdrawn>(_said[^1]);
        Assert.Equal(nameof(CloseReplica), order[0]);
        Assert.All(order[1..4], static key => Assert.StartsWith("deleted/beta/", key));
        Assert.Equal(["deleted volumes", nameof(RemoveReplica)], order[4..6]);
        Assert.Equal(["deleted deleted", "deleted deleted", "deleted deleted"], order[6..]);
        Assert.All(_nodes, static node => Assert.Equal(
            node.AskedFor<CreateReplica>().Single().Identity,
            node.AskedFor<RemoveReplica>().Single().Identity));
        Assert.Empty(Keys);
        Assert.Empty(List());
    }

    [Fact]
    public void The_name_can_be_used_again_at_once_by_another_volume()
    {
        Create();
        Delete();

        Create();

        Assert.NotEqual(
            _nodes[0].AskedFor<CreateReplica>()[0].Identity, _nodes[0].AskedFor<CreateReplica>()[1].Identity);
        Assert.Equal(["beta"], List());
    }

    [Fact]
    public void While_it_is_deleted_nobody_makes_it_anew_and_all_who_ask_are_told_of_the_end()
    {
        Create();
        _nodes[2].Keep<RemoveReplica>();
        TestProbe second = CreateTestProbe();
        Probe.Send(_gateway, new DeleteVolume("beta"));
        Advance(TimeSpan.FromSeconds(1));

        second.Send(_gateway, Creation);
        AdminRefused refused = second.ExpectMsg<AdminRefused>();
        Assert.Contains("is being deleted", refused.Reason, StringComparison.Ordinal);
        second.Send(_gateway, new DeleteVolume("beta"));
        _nodes[2].AnswerKept();

        ExpectMsg<VolumeDeleted>();
        second.ExpectMsg<VolumeDeleted>();
        Assert.Single(_nodes[2].AskedFor<RemoveReplica>());
    }

    [Fact]
    public void Nodes_that_do_not_answer_or_cannot_are_listed_and_asked_again_when_the_name_is_used_again()
    {
        Create();
        _nodes[1].Keep<RemoveReplica>();
        _nodes[2].Answers = static request => request is RemoveReplica remove
            ? new ReplicaFailed(remove.Tag, ReplicaRefusal.DiskError, Errno.InputOutput, "no move")
            : null;

        Assert.Equal(["node2", "node3"], Delete().LeftOn);
        Assert.Equal(2, Keys.Length);
        Assert.Empty(List());
        _nodes[1].AnswerKept();
        _nodes[2].Answers = null;
        Create();
        Settle();

        Assert.Single(_nodes[0].AskedFor<RemoveReplica>());
        foreach (ReplicaStandIn node in _nodes[1..])
        {
            Assert.Equal(2, node.AskedFor<RemoveReplica>().Count);
            Assert.IsType<CreateReplica>(node.Asked.SkipWhile(static one => one is not RemoveReplica)
                .First(static one => one is not RemoveReplica));
        }

        Assert.Equal(["volumes/beta"], Keys);
    }

    [Fact]
    public void What_an_earlier_deletion_left_is_asked_for_again_when_a_gateway_starts()
    {
        Create();
        _nodes[1].Keep<RemoveReplica>();
        Assert.Equal(["node2"], Delete().LeftOn);
        _nodes[1].AnswerKept();
        StartAgain();

        Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, _nodes[1].AskedFor<RemoveReplica>().Count);
        Assert.Empty(Keys);
    }

    [Theory]
    [InlineData(ReplicaRefusal.UnknownVolume)]
    [InlineData(ReplicaRefusal.WrongReplica)]
    public void A_node_that_has_nothing_of_the_volume_is_not_listed(ReplicaRefusal refusal)
    {
        Create();
        _nodes[0].Answers = request => request is RemoveReplica remove
            ? new ReplicaFailed(remove.Tag, refusal, Errno.NoEntry, "not here")
            : null;

        Assert.Empty(Delete().LeftOn);
        Assert.Empty(Keys);
    }

    [Fact]
    public void A_volume_that_is_suspended_can_be_deleted()
    {
        Create();
        _nodes[1].Answers = static _ => ReplicaStandIn.Silence;
        _nodes[2].Answers = static _ => ReplicaStandIn.Silence;
        _nodes[1].LoseConnection();
        _nodes[2].LoseConnection();
        Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(VolumeCondition.Suspended, Status().Condition);

        Assert.Equal(["node2", "node3"], Delete(seconds: 20).LeftOn);
        Assert.Empty(List());
    }

    [Fact]
    public void A_volume_that_failed_can_be_deleted_once_the_store_answers()
    {
        Create();
        _store.IsReachable = false;
        Probe.Send(_gateway, new RemoveExport("beta", "beta"));
        ExpectMsg<AdminRefused>();
        Assert.Equal(VolumeCondition.Failed, Status().Condition);

        Probe.Send(_gateway, new DeleteVolume("beta"));
        Assert.Contains("store failed", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(_said, static said => said is VolumeWithdrawn);
        _store.IsReachable = true;

        Assert.Empty(Delete().LeftOn);
        Assert.Empty(Keys);
    }

    [Fact]
    public void A_volume_that_is_still_being_opened_can_be_deleted()
    {
        Create();
        CloseGateway();
        _nodes[0].Keep<OpenReplica>();
        _nodes[1].Keep<OpenReplica>();
        _gateway = StartGateway("gateway-b");
        Settle();

        Assert.Empty(Delete(seconds: 20).LeftOn);
        Assert.Empty(Keys);
    }

    [Fact]
    public void A_volume_that_is_still_being_made_is_made_and_deleted_and_both_who_asked_are_told()
    {
        _nodes[0].Keep<CreateReplica>();
        Probe.Send(_gateway, Creation);
        Advance(TimeSpan.FromSeconds(1));
        TestProbe deleter = CreateTestProbe();
        deleter.Send(_gateway, new DeleteVolume("beta"));
        Advance(TimeSpan.FromSeconds(1));

        _nodes[0].AnswerKept();

        Assert.Contains("deleted while", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        Assert.Empty(deleter.ExpectMsg<VolumeDeleted>().LeftOn);
        Assert.All(_nodes, static node => Assert.Single(node.AskedFor<RemoveReplica>()));
        Assert.Empty(Keys);
        Assert.Empty(_said);
        _nodes[0].Answers = null;
        Create();
    }

    [Fact]
    public void A_volume_that_cannot_be_made_leaves_no_record_and_its_deletion_is_no_error()
    {
        _nodes[0].Keep<CreateReplica>();
        _nodes[1].Answers = static request => request is CreateReplica create
            ? new ReplicaFailed(create.Tag, ReplicaRefusal.DiskError, Errno.NoSpace, "no room")
            : null;
        Probe.Send(_gateway, Creation);
        Advance(TimeSpan.FromSeconds(1));
        TestProbe deleter = CreateTestProbe();
        deleter.Send(_gateway, new DeleteVolume("beta"));
        Advance(TimeSpan.FromSeconds(1));

        _nodes[0].AnswerKept();

        Assert.Contains("no room", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        deleter.ExpectMsg<VolumeDeleted>();
        Assert.All(_nodes, static node => Assert.Single(node.AskedFor<RemoveReplica>()));
        Assert.Empty(Keys);
    }

    [Fact]
    public void A_child_that_is_being_added_when_the_volume_goes_leaves_nothing_on_its_node()
    {
        Probe.Send(_gateway, Creation with { Nodes = ["node1", "node2"] });
        ExpectMsg<VolumeReady>();
        _nodes[2].Keep<CreateReplica>();
        TestProbe adder = CreateTestProbe();
        adder.Send(_gateway, new AddChild("beta", "node3"));
        Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(Delete().LeftOn);

        adder.ExpectMsg<AdminRefused>();
        Assert.Equal(
            _nodes[2].AskedFor<CreateReplica>().Single().Identity,
            _nodes[2].AskedFor<RemoveReplica>().Single().Identity);
    }

    [Fact]
    public void A_volume_that_nobody_knows_is_refused()
    {
        Probe.Send(_gateway, new DeleteVolume("beta"));
        Assert.Equal("there is no volume 'beta'", ExpectMsg<AdminRefused>().Reason);
        Probe.Send(_gateway, new DeleteVolume("No/Name"));
        Assert.Equal("there is no volume 'No/Name'", ExpectMsg<AdminRefused>().Reason);
    }

    /// <summary>
    /// At each step of the store the gateway's host goes down. Whoever starts then finds the volume whole, or
    /// finds none and nothing in the way.
    /// </summary>
    [Fact]
    public void A_crash_at_any_step_leaves_the_volume_whole_or_gone()
    {
        int whole = 0;
        int gone = 0;
        for (int steps = 0; steps < 40; steps++)
        {
            Create();
            Advance(TimeSpan.FromSeconds(1));
            _isStoreHeld = true;
            Probe.Send(_gateway, new DeleteVolume("beta"));
            Advance(TimeSpan.FromSeconds(1));
            for (int step = 0; step < steps && _heldSteps.TryDequeue(out Action? run); step++)
            {
                run();
                Advance(TimeSpan.FromMilliseconds(20));
            }

            // What was on its way to the store dies with the gateway.
            Sys.Stop(_gateway);
            Settle();
            _heldSteps.Clear();
            _isStoreHeld = false;
            Advance(TimeSpan.FromSeconds(1));
            Probe.ReceiveN(Probe.WaitingCount);

            _gateway = StartGateway($"gateway-{steps}");
            Probe.Send(_gateway, new AwaitVolume("beta"));
            object? answer = Probe.ReceiveOne(TimeSpan.FromSeconds(20));
            if (answer is VolumeReady ready)
            {
                whole++;
                Assert.Equal(VolumeCondition.Healthy, ready.Status.Condition);
                Assert.All(_nodes, static node => Assert.Empty(node.AskedFor<RemoveReplica>()));
                Delete();
            }
            else
            {
                gone++;
            }

            Advance(TimeSpan.FromSeconds(10));
            Assert.Empty(Keys);
            foreach (ReplicaStandIn node in _nodes)
            {
                Assert.Equal(
                    node.AskedFor<CreateReplica>().Single().Identity,
                    node.AskedFor<RemoveReplica>().Select(static one => one.Identity).Distinct().Single());
                node.Asked.Clear();
            }
        }

        Assert.True(whole > 0 && gone > 0, $"{whole} whole, {gone} gone");
    }

    private static CreateVolume Creation =>
        new("beta", 1 << 20, Nodes: null, new VolumeOptions { Threshold = 2 });

    private void Create()
    {
        Probe.Send(_gateway, Creation);
        ExpectMsg<VolumeReady>(timeout: TimeSpan.FromSeconds(20));
    }

    private VolumeDeleted Delete(double seconds = 6)
    {
        Probe.Send(_gateway, new DeleteVolume("beta"));
        return ExpectMsg<VolumeDeleted>(timeout: TimeSpan.FromSeconds(seconds));
    }

    private VolumeStatus Status()
    {
        Probe.Send(_gateway, new QueryVolumes());
        return ExpectMsg<VolumeList>().Volumes.Single();
    }

    private IEnumerable<string> List()
    {
        Probe.Send(_gateway, new QueryVolumes());
        return ExpectMsg<VolumeList>().Volumes.Select(static volume => volume.Name);
    }

    private void CloseGateway()
    {
        Probe.Send(_gateway, new CloseGateway());
        ExpectMsg<GatewayClosed>();
        Sys.Stop(_gateway);
        Settle();
    }

    private void StartAgain()
    {
        CloseGateway();
        _gateway = StartGateway("gateway-again");
    }

    private IActorRef StartGateway(string owner)
    {
        VolumeSeams seams = new(
            new VolumeRecords(_store),
            node => _nodes[int.Parse(node[4..]) - 1].Storage,
            owner,
            new VolumeSettings());
        return Sys.ActorOf(GatewayActor.Props(seams, ["node1", "node2", "node3"]), owner);
    }

    private sealed class Collector(List<object> said) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) => said.Add(message);
    }
}
