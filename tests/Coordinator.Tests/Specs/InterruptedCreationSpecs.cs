using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Messages;
using Replication.TestKit;

namespace Replication.Coordinator.Tests.Specs;

/// <summary>Creations that an earlier gateway began: they are ended, however late a node is.</summary>
public sealed class InterruptedCreationSpecs : DeletionSpec
{
    private const string Waiting = "being made: waiting for node3";

    public InterruptedCreationSpecs()
    {
        Nodes[2].Keep<CreateReplica>();
        CreateTestProbe().Send(Gateway, Creation);
        Advance(TimeSpan.FromMilliseconds(100));
        Sys.Stop(Gateway);
        Settle();
        Nodes[2].Answers = static _ => ReplicaStandIn.Silence;
        Gateway = StartGateway("gateway-b");
    }

    [Fact]
    public void A_node_that_is_late_is_waited_for_and_the_status_says_so()
    {
        VolumeStatus status = Await();
        Assert.Equal((VolumeCondition.Suspended, Waiting), (status.Condition, status.Reason));
        Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(Waiting, Status().Reason);
        Assert.Equal(["volumes/beta"], Keys);
        Probe.Send(Gateway, Creation);
        Assert.Contains("exists", ExpectMsg<AdminRefused>().Reason, StringComparison.Ordinal);

        Nodes[2].Answers = null;
        Advance(TimeSpan.FromSeconds(40));

        Assert.Equal(VolumeCondition.Healthy, Status().Condition);
        Assert.Equal(1u, Status().Epoch);
    }

    [Fact]
    public void Nodes_that_made_their_replica_are_not_asked_again_while_another_is_late()
    {
        Nodes[2].Keep<CreateReplica>();
        Advance(TimeSpan.FromSeconds(10));
        int asked = Nodes[0].Asked.Count;

        Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(Waiting, Status().Reason);

        Assert.Equal(asked, Nodes[0].Asked.Count);
    }

    [Fact]
    public void A_deletion_ends_the_waiting()
    {
        Await();

        Assert.Equal(["node3"], Delete(seconds: 20).LeftOn);

        Probe.Send(Gateway, new AwaitVolume("beta"));
        Assert.Equal("there is no volume 'beta'", ExpectMsg<AdminRefused>().Reason);
    }

    [Fact]
    public void A_deletion_that_comes_during_a_try_is_carried_out_when_that_has_failed()
    {
        Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["node3"], Delete(seconds: 30).LeftOn);

        Assert.DoesNotContain("volumes/beta", Keys);
    }

    [Fact]
    public void A_gateway_that_closes_meanwhile_leaves_it_to_the_next()
    {
        Await();
        CloseGateway();
        Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(["volumes/beta"], Keys);
        Nodes[2].Answers = null;

        Gateway = StartGateway("gateway-c");

        Assert.Equal(VolumeCondition.Healthy, Await().Condition);
    }

    private VolumeStatus Await()
    {
        Probe.Send(Gateway, new AwaitVolume("beta"));
        return ExpectMsg<VolumeReady>(timeout: TimeSpan.FromSeconds(20)).Status;
    }
}
