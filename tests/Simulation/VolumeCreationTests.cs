using Replication.Actors;
using Replication.Cluster;
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

    /// <summary>
    /// The last change of the store's journal is lost, and it was the one that says that the volume had an
    /// owner. Nothing of what that owner wrote is thrown away, whichever node is late.
    /// </summary>
    [Theory]
    [InlineData(null)]
    [InlineData("node1")]
    [InlineData("node3")]
    public void P4_a_volume_whose_record_lost_its_first_owner_keeps_its_data_and_says_so(string? late)
    {
        SimulatedWorld world = new(11);
        SimulatedCluster cluster = new(world, 3, new VolumeModel());
        List<byte[]> records = [];
        Action<string, StoreEntry?> watch = cluster.Store.Changed!;
        cluster.Store.Changed = (key, entry) =>
        {
            watch(key, entry);
            records.Add(entry!.Value.ToArray());
        };
        IActorRef gateway = cluster.StartGateway("gateway");
        Assert.IsType<VolumeReady>(Ask(world, gateway, Command()));
        long written = WriteAndFlush(world, cluster);
        cluster.Kill("gateway");
        cluster.Store.Changed = null;
        PutRecord(world, cluster, records[0]);
        cluster.StorageNodes.ForEach(cluster.CutPower);
        cluster.StorageNodes.Where(node => node != late).ToList().ForEach(cluster.StartStorage);

        object answer = Ask(world, cluster.StartGateway("gateway"), new AwaitVolume(SimulatedCluster.Volume));

        VolumeStatus status = Assert.IsType<VolumeReady>(answer).Status;
        Assert.Equal(VolumeCondition.Failed, status.Condition);
        Assert.Contains("its store is older than the data (P4)", status.Reason, StringComparison.Ordinal);
        if (late is not null)
        {
            cluster.StartStorage(late);
        }

        world.RunFor(TimeSpan.FromSeconds(20));
        Assert.Equal(records[0], Assert.Single(cluster.Store.Entries).Value.ToArray());
        foreach (string node in cluster.StorageNodes)
        {
            Assert.Equal(
                [SimulatedCluster.DataPath, SimulatedCluster.SidecarPath], cluster.Disks[node].Paths);
            Assert.Equal(written, cluster.Disks[node].PeekWord(
                SimulatedCluster.DataPath, Islands.OffsetOf(0), durableOnly: true));
        }

        cluster.Kill("gateway");
        PutRecord(world, cluster, records[^1]);
        answer = Ask(world, cluster.StartGateway("gateway"), new AwaitVolume(SimulatedCluster.Volume));
        status = Assert.IsType<VolumeReady>(answer).Status;
        Assert.True(status.Condition is VolumeCondition.Healthy or VolumeCondition.Degraded, status.Reason);
        Assert.Empty(cluster.Violations);
    }

    private static long WriteAndFlush(SimulatedWorld world, SimulatedCluster cluster)
    {
        SimulatedClient client = new(cluster, new ClientTally(), "client", durableWrites: false);
        long written = cluster.Model.NextWrite();
        foreach (ClientRequest request in
            (ClientRequest[])[new WriteRequest(client, 0, 16, written), new FlushRequest(client)])
        {
            bool? isWell = null;
            request.Ended = well => isWell = well;
            client.Send(request);
            world.RunUntil(() => isWell is not null, TimeSpan.FromSeconds(20), $"{request} ends");
            Assert.True(isWell);
        }

        return written;
    }

    private static void PutRecord(SimulatedWorld world, SimulatedCluster cluster, byte[] record)
    {
        world.RunFor(2 * SimulatedCluster.StoreLatencyMax);
        StoreEntry there = Assert.Single(cluster.Store.Entries);
        Task<StoreResult> put = cluster.Store.CompareAndSetAsync(there.Key, there.Revision, record);
        world.RunUntil(() => put.IsCompleted, TimeSpan.FromSeconds(1), "the record is put back");
        Assert.IsType<StoreResult.Done>(put.Result);
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
