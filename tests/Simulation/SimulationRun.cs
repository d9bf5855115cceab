using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Simulation.Checking;
using Replication.Simulation.Cluster;
using Replication.Simulation.Faults;
using Replication.TestKit.Simulation;

namespace Replication.Simulation;

/// <summary>
/// One seed: a cluster, a volume and three clients, then faults, among which safety has to hold; then
/// healing, after which everything has to come back by itself (I8); then another end of the owner, and a last
/// look at all.
/// </summary>
internal sealed class SimulationRun
{
    private const int RequestsPerClient = 90;
    private static readonly TimeSpan FaultSpan = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromMinutes(3);

    private readonly SimulatedWorld _world;
    private readonly RunShape _shape;
    private readonly VolumeModel _model = new();
    private readonly SimulatedCluster _cluster;
    private readonly List<SimulatedClient> _clients = [];
    private readonly Recovery _recovery;

    internal SimulationRun(ulong seed, bool keepsText = false)
    {
        _world = new SimulatedWorld(seed, keepsText);
        _shape = new RunShape(_world.Random("shape"), _world.Random("modes"));
        _cluster = new SimulatedCluster(
            _world, _shape.ChildCount + _shape.SpareCount, _model, _shape.Settings);
        _model.RotMayWin = _shape.TrustsOneDisk;
        _ = new Administrator(_cluster);
        _recovery = new Recovery(_cluster, Tally, RunUntil);
    }

    internal ClientTally Tally { get; } = new();

    internal IReadOnlyDictionary<FaultKind, int> Faults { get; private set; } =
        new SortedDictionary<FaultKind, int>();

    internal IReadOnlyDictionary<string, int> Events => _cluster.EventCounts;

    internal ulong TraceHash => _world.Trace.Hash;

    internal IReadOnlyList<string> TraceLines => _world.Trace.Lines;

    /// <summary>Runs the seed.</summary>
    /// <exception cref="SimulationFailedException">An invariant is broken; the message names the
    /// seed.</exception>
    internal void Run()
    {
        MakeVolume();
        for (int number = 1; number <= 3; number++)
        {
            _clients.Add(MakeClient($"client{number}"));
        }

        FaultPlan plan = new(_cluster, _shape, _clients);
        Faults = plan.Counts;
        plan.Schedule(_shape.FaultCount, FaultSpan);
        plan.ScheduleRot(_shape.ExtraRotCount, FaultSpan);
        _clients.ForEach(static client => client.Run(RequestsPerClient));
        RunUntil(() => _clients.TrueForAll(static client => client.IsDone), FaultSpan);
        plan.Heal();
        RunUntil(() => _clients.TrueForAll(static client => client.IsDone), DrainLimit);
        RequireAllAnswered();
        if (_recovery.RequireAllSynced())
        {
            _recovery.RequireSameBytes(MakeClient("closer"));
            ReadAfterRestart();
        }

        if (_model.FindViolation() is string violation)
        {
            throw _world.Failure(violation);
        }
    }

    private SimulatedClient MakeClient(string name) =>
        new(_cluster, Tally, name, _shape.Options.Durability == Durability.Write);

    private void MakeVolume()
    {
        IActorRef gateway = _cluster.StartGateway("gateway1");
        AnswerBox box = new();
        string[] nodes = [.. _cluster.StorageNodes.Take(_shape.ChildCount)];
        gateway.Tell(
            new CreateVolume(SimulatedCluster.Volume, Islands.SizeBytes, nodes, _shape.Options), box);
        RunUntil(() => box.Answer is not null, TimeSpan.FromSeconds(30));
        if (box.Answer is not VolumeReady)
        {
            throw _world.Failure($"the volume was not made: {box.Answer}");
        }
    }

    /// <summary>
    /// An owner that starts anew, perhaps after the power of all was lost, has everything that was flushed.
    /// </summary>
    private void ReadAfterRestart()
    {
        SeededIdSource random = _world.Random("end");
        string gateway = _cluster.Gateways[^1];
        bool losesPower = !_shape.IsCalm && random.Chance(0.4);
        _model.RotMayWin |= !_shape.IsCalm;
        if (losesPower)
        {
            foreach (string node in _cluster.StorageNodes)
            {
                _cluster.CutPower(node);
                _cluster.StartStorage(node);
            }
        }

        int losses = _model.Flushes.Era;
        _cluster.Opened.Clear();
        _cluster.Kill(gateway);
        RunUntil(static () => false, 2 * SimulatedCluster.StoreLatencyMax);
        _cluster.StartGateway(gateway);
        SimulatedClient reader = MakeClient("reader");

        // A volume that refuses to go on wants an administrator before it answers.
        _recovery.RequireAllSynced();
        _recovery.ReadAll(reader);
        _recovery.RequireSameBytes(reader);
        if (!losesPower)
        {
            _recovery.RequireNothingLeft(losses);
        }
    }

    /// <summary>
    /// Runs until the condition holds or the span has passed; the first violation ends the run. True when the
    /// condition holds.
    /// </summary>
    private bool RunUntil(Func<bool> condition, TimeSpan span)
    {
        bool holds = _world.TryRunUntil(() => _cluster.Violations.Count > 0 || condition(), span);
        return _cluster.Violations.Count > 0 ? throw _world.Failure(_cluster.Violations[0]) : holds;
    }

    private void RequireAllAnswered()
    {
        SimulatedClient? waiting = _clients.Find(static client => client.UnderWay.Count > 0);
        if (waiting is not null)
        {
            throw _world.Failure(
                $"I8: {waiting.UnderWay.Count} requests have no answer, the first is "
                + $"{waiting.UnderWay[0]}");
        }
    }
}
