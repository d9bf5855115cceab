using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Simulation.Checking;
using Replication.Simulation.Cluster;
using Replication.Simulation.Faults;
using Replication.TestKit.Simulation;

namespace Replication.Simulation;

/// <summary>
/// One seed: a cluster of three or five nodes, three clients, faults, then healing and a last look at all.
/// </summary>
internal sealed class SimulationRun
{
    private const int RequestsPerClient = 60;
    private static readonly TimeSpan FaultSpan = TimeSpan.FromSeconds(3);

    private readonly SimulatedWorld _world;
    private readonly VolumeModel _model = new(SimulatedClient.SectorCount);
    private readonly SimulatedCluster _cluster;

    internal SimulationRun(ulong seed, bool keepsText = false)
    {
        _world = new SimulatedWorld(seed, keepsText);
        SeededIdSource shape = _world.Random("shape");
        _cluster = new SimulatedCluster(_world, shape.Chance(0.6) ? 3 : 5);
        FaultCount = shape.NextInt(10);
    }

    internal ClientTally Tally { get; } = new();

    internal IReadOnlyDictionary<FaultKind, int> Faults { get; private set; } =
        new SortedDictionary<FaultKind, int>();

    internal IReadOnlyDictionary<string, int> Events => _cluster.EventCounts;

    internal ulong TraceHash => _world.Trace.Hash;

    private int FaultCount { get; }

    /// <summary>Runs the seed.</summary>
    /// <exception cref="SimulationFailedException">An invariant is broken; the message names the
    /// seed.</exception>
    internal void Run()
    {
        MakeVolume();
        List<SimulatedClient> clients = [];
        for (int number = 1; number <= 3; number++)
        {
            clients.Add(new SimulatedClient(_cluster, _model, Tally, $"client{number}"));
        }

        FaultPlan plan = new(_cluster, Tally, clients);
        Faults = plan.Counts;
        plan.Schedule(FaultCount, FaultSpan);
        clients.ForEach(static client => client.Run(RequestsPerClient));
        RunUntil(() => clients.TrueForAll(static client => client.IsDone), TimeSpan.FromMinutes(3));
        RunUntil(static () => false, FaultSpan);
        plan.Heal();
        RunUntil(static () => false, TimeSpan.FromSeconds(20));
        RequireAllAnswered();
        ReadAfterRestart();
        RequireAllAnswered();
        if (_model.FindViolation() is string violation)
        {
            throw _world.Failure(violation);
        }
    }

    private void MakeVolume()
    {
        IActorRef gateway = _cluster.StartGateway("gateway");
        VolumeOptions options = new()
        {
            Threshold = (_cluster.StorageNodes.Count / 2) + 1,
            RewriteCorrupted = true,
        };
        AnswerBox box = new();
        long sizeBytes = SimulatedClient.SectorCount * SectorContent.LengthBytes;
        gateway.Tell(new CreateVolume(SimulatedCluster.Volume, sizeBytes, null, options), box);
        _world.RunUntil(() => box.Answer is not null, TimeSpan.FromSeconds(30), "the volume is made");
        if (box.Answer is not VolumeReady)
        {
            throw _world.Failure($"the volume was not made: {box.Answer}");
        }
    }

    /// <summary>
    /// A gateway that starts anew serves what f children have; whatever it answers belongs to the history.
    /// </summary>
    private void ReadAfterRestart()
    {
        IActorRef gateway = _cluster.StartGateway("last");
        AnswerBox box = new();
        gateway.Tell(new AwaitVolume(SimulatedCluster.Volume), box);
        _world.RunUntil(
            () => box.Answer is not null, TimeSpan.FromSeconds(60), "the last gateway has opened the volume");
        SimulatedClient reader = new(_cluster, _model, Tally, "reader") { Gateway = "last" };
        reader.ReadAll();
        RunUntil(static () => false, TimeSpan.FromSeconds(15));
    }

    /// <summary>
    /// Runs until the condition holds or the span has passed; the first violation ends the run.
    /// </summary>
    private void RunUntil(Func<bool> condition, TimeSpan span)
    {
        _world.TryRunUntil(() => _cluster.Violations.Count > 0 || condition(), span);
        if (_cluster.Violations.Count > 0)
        {
            throw _world.Failure(_cluster.Violations[0]);
        }
    }

    private void RequireAllAnswered()
    {
        if (Tally.Answered != Tally.Sent)
        {
            throw _world.Failure(
                $"I8: {Tally.Sent - Tally.Answered} of {Tally.Sent} requests have no answer");
        }
    }
}
