using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Simulation.Checking;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation;

namespace Replication.Simulation.Stories;

/// <summary>
/// A short history of one volume that a test tells step by step, with every check of the seeds on. Steps take
/// virtual time as they need it.
/// </summary>
internal sealed class Story
{
    private static readonly TimeSpan StepLimit = TimeSpan.FromSeconds(60);

    /// <summary>A lost host is noticed by its heartbeats, or by child-timeout.</summary>
    private static readonly TimeSpan NoticeLimit = TimeSpan.FromSeconds(6);

    private readonly VolumeModel _model = new();
    private readonly SimulatedClient _client;

    internal Story(VolumeOptions options, int children = 3, int nodes = 3, ulong seed = 1)
    {
        World = new SimulatedWorld(seed);
        Cluster = new SimulatedCluster(World, nodes, _model, new VolumeSettings
        {
            ChildTimeout = TimeSpan.FromSeconds(2),
            OpenTimeout = TimeSpan.FromSeconds(2),
            OpenRetry = TimeSpan.FromSeconds(0.2),
        });
        Cluster.Published += Events.Add;
        Cluster.StartGateway("gateway1");
        string[] placed = [.. Cluster.StorageNodes.Take(children)];
        object answer = Ask(new CreateVolume(SimulatedCluster.Volume, Islands.SizeBytes, placed, options));
        Assert.IsType<VolumeReady>(answer);
        _client = new SimulatedClient(
            Cluster, new ClientTally(), "client", options.Durability == Durability.Write);
    }

    internal SimulatedWorld World { get; }

    internal SimulatedCluster Cluster { get; }

    /// <summary>What the gateways published, oldest first.</summary>
    internal List<VolumeEvent> Events { get; } = [];

    internal static VolumeOptions Options(int threshold) =>
        new() { Threshold = threshold, RewriteCorrupted = true };

    /// <summary>An administrator's command; its answer.</summary>
    internal object Ask(object command)
    {
        AnswerBox box = new();
        Cluster.EntryOf("gateway1").Tell(command, box);
        Await(() => box.Answer is not null, $"{command} is answered");
        return box.Answer!;
    }

    /// <summary>Writes to sectors and returns the write's number, which has to be acknowledged.</summary>
    internal long Write(int first, int count)
    {
        long value = _model.NextWrite();
        Assert.True(Try(new WriteRequest(_client, first, count, value)), $"write {value} failed");
        return value;
    }

    internal void Flush() => Assert.True(Try(new FlushRequest(_client)), "a flush failed");

    /// <summary>Reads sectors; false when that fails. The model keeps what they held.</summary>
    internal bool TryRead(int first, int count) => Try(new ReadRequest(_client, first, count));

    /// <summary>The number of the write that a node's disk has in a sector, its cache included.</summary>
    internal long OnDisk(string node, int sector) =>
        Cluster.Disks[node].PeekWord(SimulatedCluster.DataPath, Islands.OffsetOf(sector), durableOnly: false);

    internal void PowerCycle(params IReadOnlyList<string> nodes)
    {
        foreach (string node in nodes)
        {
            Cluster.CutPower(node);
        }

        Start(nodes);
    }

    internal void Start(params IReadOnlyList<string> nodes)
    {
        foreach (string node in nodes)
        {
            Cluster.StartStorage(node);
        }
    }

    internal void RestartGateway()
    {
        Cluster.Kill("gateway1");
        World.RunFor(2 * SimulatedCluster.StoreLatencyMax);
        Cluster.StartGateway("gateway1");
    }

    /// <summary>The owner has noticed what happened, and all is well again.</summary>
    internal void AwaitHealthy()
    {
        World.RunFor(NoticeLimit);
        Await(
            () => Cluster.ConditionOf("gateway1") == VolumeCondition.Healthy
                && Cluster.Record!.Children.All(static child => child.State == ChildState.Synced),
            "every child is Synced");
    }

    internal void Await(Func<bool> condition, string what)
    {
        World.RunUntil(() => Cluster.Violations.Count > 0 || condition(), StepLimit, what);
        Assert.Empty(Cluster.Violations);
    }

    /// <summary>What the whole story told has to be possible.</summary>
    internal void End()
    {
        Assert.Empty(Cluster.Violations);
        Assert.Null(_model.FindViolation());
    }

    private bool Try(ClientRequest request) => Try(_client, request);

    /// <summary>Has a client send its request, and waits for its end; false when it failed.</summary>
    internal bool Try(SimulatedClient client, ClientRequest request)
    {
        bool? ended = null;
        request.Ended = well => ended = well;
        client.Send(request);
        Await(() => ended is not null, $"a {request} ends");
        return ended!.Value;
    }
}
