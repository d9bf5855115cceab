using Replication.Simulation.Checking;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation;

namespace Replication.Simulation.Faults;

/// <summary>Faults of one run, picked and timed by the seed.</summary>
internal sealed class FaultPlan
{
    private static readonly FaultKind[] Kinds = Enum.GetValues<FaultKind>();

    private static readonly FaultKind[] CalmKinds =
        [.. Kinds.Where(static kind => kind < FaultKind.KilledNode && !IsCrash(kind))];

    private readonly FaultKind[] _kinds;
    private readonly SimulatedCluster _cluster;
    private readonly SeededIdSource _random;
    private readonly DiskFaults _disks;
    private readonly NodeFaults _nodes;
    private readonly OwnerFaults _owners;
    private bool _isOver;

    internal FaultPlan(SimulatedCluster cluster, RunShape shape, IReadOnlyList<SimulatedClient> clients)
    {
        _kinds = shape.IsCalm ? CalmKinds : Kinds;
        _cluster = cluster;
        _random = cluster.World.Random("faults");
        _nodes = new NodeFaults(cluster, _random);
        _owners = new OwnerFaults(cluster, _random, clients);
        _disks = new DiskFaults(cluster, _random, shape);
    }

    /// <summary>Kinds that some run is to meet.</summary>
    internal static IReadOnlyList<FaultKind> KindsInUse => Kinds;

    /// <summary>Faults that happened, by kind.</summary>
    internal SortedDictionary<FaultKind, int> Counts { get; } = [];

    /// <summary>Has that many faults happen over a span of virtual time.</summary>
    internal void Schedule(int faultCount, TimeSpan span)
    {
        for (int number = 0; number < faultCount; number++)
        {
            _cluster.World.After(_random.NextSpan(TimeSpan.Zero, span), Strike);
        }
    }

    /// <summary>Has disks change bytes at rest so many times over a span of virtual time.</summary>
    internal void ScheduleRot(int count, TimeSpan span)
    {
        for (int number = 0; number < count; number++)
        {
            _cluster.World.After(
                _random.NextSpan(TimeSpan.Zero, span),
                () => Strike(FaultKind.Rot, _random.Pick(_cluster.StorageNodes), TimeSpan.Zero));
        }
    }

    /// <summary>
    /// Ends every fault that lasts, and has none happen any more: every host runs, and reaches every other.
    /// </summary>
    internal void Heal()
    {
        _isOver = true;
        _disks.Heal();
        _nodes.Heal();
        _owners.Heal();
    }

    private void Strike()
    {
        FaultKind kind = _random.Pick(_kinds);
        string node = _random.Pick(_cluster.StorageNodes);
        TimeSpan lasts = _random.NextSpan(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(8));
        Strike(kind, node, lasts);
    }

    private void Strike(FaultKind kind, string node, TimeSpan lasts)
    {
        if (_isOver || (!_cluster.IsUp(node) && kind <= FaultKind.KilledNode))
        {
            return;
        }

        if (!(kind <= FaultKind.StalledDisk || kind == FaultKind.LyingSync
            ? _disks.Strike(kind, node, lasts)
            : kind is <= FaultKind.KilledNode or FaultKind.LostSidecar or FaultKind.LostReplica
                ? _nodes.Strike(kind, node, lasts)
                : _owners.Strike(kind, node, lasts)))
        {
            return;
        }

        Counts[kind] = Counts.GetValueOrDefault(kind) + 1;
        _cluster.World.Trace.Mark(node, kind.ToString());
        _cluster.Model.RotMayWin |= IsCrash(kind);
    }

    private static bool IsCrash(FaultKind kind) =>
        kind is FaultKind.SyncError or FaultKind.FullDisk or FaultKind.KilledNode or >= FaultKind.Takeover;
}
