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

/// <summary>Volumes that are deleted, in whichever state they are.</summary>
public sealed class DeletionSpecs : DeletionSpec
{
    [Fact]
    public void A_volume_is_closed_before_its_record_goes_and_its_files_after_it()
    {
        Create();
        List<string> order = [];
        Store.Changed = (key, entry) =>
            order.Add(entry is null ? $"deleted {key[..key.IndexOf('/', StringComparison.Ordinal)]}" : key);
        Nodes[0].Answers = request =>
        {
            order.Add(request.GetType().Name);
            return null;
        };

        Probe.Send(Gateway, new DeleteVolume("beta"));

        Assert.Empty(ExpectMsg<VolumeDeleted>().LeftOn);
        Assert.IsType<VolumeWithdrawn>(Said[^1]);
        Assert.Equal(nameof(CloseReplica), order[0]);
        Assert.All(order[1..4], static key => Assert.StartsWith("deleted/beta/", key));
        Assert.Equal(["deleted volumes", nameof(RemoveReplica)], order[4..6]);
        Assert.Equal(["deleted deleted", "deleted deleted", "deleted deleted"], order[6..]);
        Assert.All(Nodes, static node => Assert.Equal(
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
            Nodes[0].AskedFor<CreateReplica>()[0].Identity, Nodes[0].AskedFor<CreateReplica>()[1].Identity);
        Assert.Equal(["beta"], List());
    }

    [Fact]
    public void While_it_is_deleted_nobody_makes_it_anew_and_all_who_ask_are_told_of_the_end()
    {
        Create();
        Nodes[2].Keep<RemoveReplica>();
        TestProbe second = CreateTestProbe();
        Probe.Send(Gateway, new DeleteVolume("beta"));
        Advance(TimeSpan.FromSeconds(1));

        second.Send(Gateway, Creation);
        AdminRefused refused = second.ExpectMsg<AdminRefused>();
        Assert.Contains("is being deleted", refused.Reason, StringComparison.Ordinal);
        second.Send(Gateway, new DeleteVolume("beta"));
        Nodes[2].AnswerKept();

        ExpectMsg<VolumeDeleted>();
        second.ExpectMsg<VolumeDeleted>();
        Assert.Single(Nodes[2].AskedFor<RemoveReplica>());
    }

    [Fact]
    public void Nodes_that_do_not_answer_or_cannot_are_listed_and_asked_again_when_the_name_is_used_again()
    {
        Create();
        Nodes[1].Keep<RemoveReplica>();
        Nodes[2].Answers = static request => request is RemoveReplica remove
            ? new ReplicaFailed(remove.Tag, ReplicaRefusal.DiskError, Errno.InputOutput, "no move")
            : null;

        Assert.Equal(["node2", "node3"], Delete().LeftOn);
        Assert.Equal(2, Keys.Length);
        Assert.Empty(List());
        Nodes[1].AnswerKept();
        Nodes[2].Answers = null;
        Create();
        Settle();

        Assert.Single(Nodes[0].AskedFor<RemoveReplica>());
        foreach (ReplicaStandIn node in Nodes[1..])
        {
            Assert.Equal(2, node.AskedFor<RemoveReplica>().Count);
            Assert.IsType<CreateReplica>(node.Asked.SkipWhile(static one => one is not RemoveReplica)
                .First(static one => one is not RemoveReplica));
        }

        Assert.Equal(["volumes/beta"], Keys);
    }

    [Theory]
    [InlineData(ReplicaRefusal.UnknownVolume)]
    [InlineData(ReplicaRefusal.WrongReplica)]
    public void A_node_that_has_nothing_of_the_volume_is_not_listed(ReplicaRefusal refusal)
    {
        Create();
        Nodes[0].Answers = request => request is RemoveReplica remove
            ? new ReplicaFailed(remove.Tag, refusal, Errno.NoEntry, "not here")
            : null;

        Assert.Empty(Delete().LeftOn);
        Assert.Empty(Keys);
    }

    [Fact]
    public void A_volume_that_is_suspended_can_be_deleted()
    {
        Create();
        Nodes[1].Answers = static _ => ReplicaStandIn.Silence;
        Nodes[2].Answers = static _ => ReplicaStandIn.Silence;
        Nodes[1].LoseConnection();
        Nodes[2].LoseConnection();
        Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(VolumeCondition.Suspended, Status().Condition);

        Assert.Equal(["node2", "node3"], Delete(seconds: 20).LeftOn);
        Assert.Empty(List());
    }

    [Fact]
    public void A_volume_that_failed_can_be_deleted_once_the_store_answers()
    {
        Create();
        Store.IsReachable = false;
        Probe.Send(Gateway, new RemoveExport("beta", "beta"));
        ExpectMsg<AdminRefused>();
        Assert.Equal(VolumeCondition.Failed, Status().Condition);

        Probe.Send(Gateway, new DeleteVolume("beta"));
        Assert.Contains("store failed", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(Said, static said => said is VolumeWithdrawn);
        Store.IsReachable = true;

        Assert.Empty(Delete().LeftOn);
        Assert.Empty(Keys);
    }

    [Fact]
    public void A_volume_that_blkverify_stopped_can_be_deleted()
    {
        Probe.Send(Gateway, Creation with
        {
            Nodes = ["node1", "node2"],
            Options = new VolumeOptions { Threshold = 2, Blkverify = true },
        });
        ExpectMsg<VolumeReady>();
        Nodes[0].Lie(0, 1);
        Probe.Send(Said.OfType<VolumeExported>().Last().Volume, new ReadRange(0, 512));
        ExpectMsg<RangeFailed>();
        Settle();
        Assert.Equal(VolumeCondition.Stopped, Status().Condition);

        Assert.Empty(Delete().LeftOn);

        Assert.Empty(Keys);
    }

    [Fact]
    public void A_volume_that_is_still_being_opened_can_be_deleted()
    {
        Create();
        CloseGateway();
        Nodes[0].Keep<OpenReplica>();
        Nodes[1].Keep<OpenReplica>();
        Gateway = StartGateway("gateway-b");
        Settle();

        Assert.Empty(Delete(seconds: 20).LeftOn);
        Assert.Empty(Keys);
    }

    [Fact]
    public void A_volume_that_is_still_being_made_is_made_and_deleted_and_both_who_asked_are_told()
    {
        Nodes[0].Keep<CreateReplica>();
        Probe.Send(Gateway, Creation);
        Advance(TimeSpan.FromSeconds(1));
        TestProbe deleter = CreateTestProbe();
        deleter.Send(Gateway, new DeleteVolume("beta"));
        Advance(TimeSpan.FromSeconds(1));

        Nodes[0].AnswerKept();

        Assert.Contains("deleted while", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        Assert.Empty(deleter.ExpectMsg<VolumeDeleted>().LeftOn);
        Assert.All(Nodes, static node => Assert.Single(node.AskedFor<RemoveReplica>()));
        Assert.Empty(Keys);
        Assert.Empty(Said);
        Nodes[0].Answers = null;
        Create();
    }

    [Fact]
    public void A_volume_that_cannot_be_made_leaves_no_record_and_its_deletion_is_no_error()
    {
        Nodes[0].Keep<CreateReplica>();
        Nodes[1].Answers = static request => request is CreateReplica create
            ? new ReplicaFailed(create.Tag, ReplicaRefusal.DiskError, Errno.NoSpace, "no room")
            : null;
        Probe.Send(Gateway, Creation);
        Advance(TimeSpan.FromSeconds(1));
        TestProbe deleter = CreateTestProbe();
        deleter.Send(Gateway, new DeleteVolume("beta"));
        Advance(TimeSpan.FromSeconds(1));

        Nodes[0].AnswerKept();

        Assert.Contains("no room", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);
        deleter.ExpectMsg<VolumeDeleted>();
        Assert.All(Nodes, static node => Assert.Single(node.AskedFor<RemoveReplica>()));
        Assert.Empty(Keys);
    }

    [Fact]
    public void A_child_that_is_being_added_when_the_volume_goes_leaves_nothing_on_its_node()
    {
        Probe.Send(Gateway, Creation with { Nodes = ["node1", "node2"] });
        ExpectMsg<VolumeReady>();
        Nodes[2].Keep<CreateReplica>();
        TestProbe adder = CreateTestProbe();
        adder.Send(Gateway, new AddChild("beta", "node3"));
        Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(Delete().LeftOn);

        adder.ExpectMsg<AdminRefused>();
        Assert.Equal(
            Nodes[2].AskedFor<CreateReplica>().Single().Identity,
            Nodes[2].AskedFor<RemoveReplica>().Single().Identity);
    }

    [Fact]
    public void A_volume_that_nobody_knows_is_refused()
    {
        Probe.Send(Gateway, new DeleteVolume("beta"));
        Assert.Equal("there is no volume 'beta'", ExpectMsg<AdminRefused>().Reason);
        Probe.Send(Gateway, new DeleteVolume("No/Name"));
        Assert.Equal("there is no volume 'No/Name'", ExpectMsg<AdminRefused>().Reason);
    }
}
