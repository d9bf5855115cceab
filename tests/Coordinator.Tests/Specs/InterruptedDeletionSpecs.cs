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

/// <summary>Deletions that a crash or a silent node leaves to be finished by the next gateway.</summary>
public sealed class InterruptedDeletionSpecs : DeletionSpec
{
    [Fact]
    public void What_an_earlier_deletion_left_is_asked_for_again_when_a_gateway_starts()
    {
        Create();
        Nodes[1].Keep<RemoveReplica>();
        Assert.Equal(["node2"], Delete().LeftOn);
        Nodes[1].AnswerKept();
        StartAgain();

        Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(2, Nodes[1].AskedFor<RemoveReplica>().Count);
        Assert.Empty(Keys);
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
            IsStoreHeld = true;
            Probe.Send(Gateway, new DeleteVolume("beta"));
            Advance(TimeSpan.FromSeconds(1));
            for (int step = 0; step < steps && HeldSteps.TryDequeue(out Action? run); step++)
            {
                run();
                Advance(TimeSpan.FromMilliseconds(20));
            }

            // What was on its way to the store dies with the gateway.
            Sys.Stop(Gateway);
            Settle();
            HeldSteps.Clear();
            IsStoreHeld = false;
            Advance(TimeSpan.FromSeconds(1));
            Probe.ReceiveN(Probe.WaitingCount);

            Gateway = StartGateway($"gateway-{steps}");
            Probe.Send(Gateway, new AwaitVolume("beta"));
            object? answer = Probe.ReceiveOne(TimeSpan.FromSeconds(20));
            if (answer is VolumeReady ready)
            {
                whole++;
                Assert.Equal(VolumeCondition.Healthy, ready.Status.Condition);
                Assert.All(Nodes, static node => Assert.Empty(node.AskedFor<RemoveReplica>()));
                Delete();
            }
            else
            {
                gone++;
            }

            Advance(TimeSpan.FromSeconds(10));
            Assert.Empty(Keys);
            foreach (ReplicaStandIn node in Nodes)
            {
                Assert.Equal(
                    node.AskedFor<CreateReplica>().Single().Identity,
                    node.AskedFor<RemoveReplica>().Select(static one => one.Identity).Distinct().Single());
                node.Asked.Clear();
            }
        }

        Assert.True(whole > 0 && gone > 0, $"{whole} whole, {gone} gone");
    }
}
