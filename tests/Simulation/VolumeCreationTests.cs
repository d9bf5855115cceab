using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Simulation.Checking;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation;

namespace Replication.Simulation;

/// <summary>A volume is made whole or not at all, wherever its making is interrupted.</summary>
public sealed class VolumeCreationTests
{
    private const int Seeds = 60;

    [Fact]
    public void A_creation_that_a_crash_interrupts_is_gone_on_with_or_can_be_made_again()
    {
        int resumed = 0;
        int anew = 0;
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            SimulatedWorld world = new(seed);
            SeededIdSource random = world.Random("crash");
            SimulatedCluster cluster = new(world, 3, new VolumeModel());
            cluster.StartGateway("gateway").Tell(Command(), new AnswerBox());
            world.RunFor(random.NextSpan(TimeSpan.Zero, TimeSpan.FromMilliseconds(60)));
            world.Node("gateway").Crash();
            if (random.Chance(0.5))
            {
                world.Node("node2").Crash();
                cluster.StartStorage("node2");
            }

            // The embedded store dies with its gateway: no change is still on its way when the next one
            // starts.
            world.RunFor(2 * SimulatedCluster.StoreLatencyMax);
            IActorRef gateway = cluster.StartGateway("gateway");
            object answer = Ask(world, gateway, new AwaitVolume(SimulatedCluster.Volume));
            resumed += answer is VolumeReady ? 1 : 0;
            if (answer is AdminRefused)
            {
                anew++;
                answer = Ask(world, gateway, Command());
            }

            // A replica that ended after an owner had settled the others is copied to first (P12).
            VolumeReady ready = answer as VolumeReady ?? throw world.Failure($"{answer}");
            Assert.True(
                ready.Status.Condition is VolumeCondition.Healthy or VolumeCondition.Degraded,
                $"seed {seed}: {ready.Status.Reason}");
        }

        Assert.True(
            resumed > 0 && anew > 0, "some crashes are to come before the record stands, and some after");
    }

    [Fact]
    public void A_creation_that_a_node_refuses_leaves_nothing_behind()
    {
        SimulatedWorld world = new(7);
        SimulatedCluster cluster = new(world, 3, new VolumeModel());
        cluster.Disks["node2"].CapacityBytes = 0;
        IActorRef gateway = cluster.StartGateway("gateway");

        AdminRefused refused = Assert.IsType<AdminRefused>(Ask(world, gateway, Command()));

        Assert.Contains("node2", refused.Reason, StringComparison.Ordinal);
        Assert.Null(cluster.Record);
        cluster.Disks["node2"].CapacityBytes = long.MaxValue;
        Assert.IsType<VolumeReady>(Ask(world, gateway, Command()));
    }

    private static CreateVolume Command() => new(
        SimulatedCluster.Volume,
        Islands.SizeBytes,
        Nodes: null,
        new VolumeOptions { Threshold = 2, RewriteCorrupted = true });

    private static object Ask(SimulatedWorld world, IActorRef gateway, object message)
    {
        AnswerBox box = new();
        gateway.Tell(message, box);
        world.RunUntil(() => box.Answer is not null, TimeSpan.FromSeconds(60), $"{message} is answered");
        return box.Answer!;
    }
}
