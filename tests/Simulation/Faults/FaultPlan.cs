using Replication.Actors.Disk;
using Replication.Simulation.Checking;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation;
using Replication.TestKit.Simulation.Disks;

namespace Replication.Simulation.Faults;

/// <summary>Faults of one run, picked and timed by the seed.</summary>
internal sealed class FaultPlan(
    SimulatedCluster cluster, ClientTally tally, IReadOnlyList<SimulatedClient> clients)
{
    private static readonly FaultKind[] Kinds = Enum.GetValues<FaultKind>();

    private readonly SeededIdSource _random = cluster.World.Random("faults");
    private readonly string _gateway = "gateway";
    private int _takeovers;

    /// <summary>Faults that happened, by kind.</summary>
    internal SortedDictionary<FaultKind, int> Counts { get; } = [];

    /// <summary>The newest gateway.</summary>
    internal string Owner => _takeovers == 0 ? _gateway : $"{_gateway}{_takeovers + 1}";

    /// <summary>Has that many faults happen over a span of virtual time.</summary>
    internal void Schedule(int faultCount, TimeSpan span)
    {
        for (int number = 0; number < faultCount; number++)
        {
            cluster.World.After(_random.NextSpan(TimeSpan.Zero, span), Strike);
        }
    }

    /// <summary>Ends every fault that lasts.</summary>
    internal void Heal()
    {
        foreach (string node in cluster.StorageNodes)
        {
            cluster.Disks[node].Heal();
            cluster.World.Node(node).Lag = TimeSpan.Zero;
            cluster.World.Node(node).Resume();
            for (int number = 0; number <= _takeovers; number++)
            {
                cluster.Network.Heal(number == 0 ? _gateway : $"{_gateway}{number + 1}", node);
            }
        }
    }

    private void Strike()
    {
        FaultKind kind = _random.Pick(Kinds);
        string node = _random.Pick(cluster.StorageNodes);
        Counts[kind] = Counts.GetValueOrDefault(kind) + 1;
        cluster.World.Trace.Mark(node, kind.ToString());
        SimulatedDisk disk = cluster.Disks[node];
        TimeSpan lasts = _random.NextSpan(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(8));
        switch (kind)
        {
            case FaultKind.Lie:
                Lie(node, disk);
                break;
            case FaultKind.ReadError:
                DiskFault fault = disk.Inject(DataFault(DiskOperationKind.Read, once: false));
                cluster.World.After(lasts, () => disk.Remove(fault));
                break;
            case FaultKind.WriteError:
                disk.Inject(DataFault(DiskOperationKind.Write, once: true));
                break;
            case FaultKind.SyncError:
                disk.Inject(
                    new DiskFault(DiskFaultEffect.Fail) { Kind = DiskOperationKind.Sync, Once = true });
                break;
            case FaultKind.BrokenConnection:
                cluster.Network.Break(Owner, node);
                break;
            case FaultKind.Partition:
                Partition(node, lasts);
                break;
            case FaultKind.SlowNode:
                SimulatedNode slow = cluster.World.Node(node);
                slow.Lag = _random.NextSpan(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(60));
                cluster.World.After(lasts, () => slow.Lag = TimeSpan.Zero);
                break;
            case FaultKind.PausedNode:
                SimulatedNode paused = cluster.World.Node(node);
                paused.Pause();
                cluster.World.After(lasts, paused.Resume);
                break;
            case FaultKind.KilledNode:
                cluster.World.Node(node).Crash();
                cluster.StartStorage(node);
                break;
            default:
                TakeOver();
                break;
        }
    }

    private DiskFault DataFault(DiskOperationKind kind, bool once) => new(DiskFaultEffect.Fail)
    {
        Kind = kind,
        Path = SimulatedCluster.DataPath,
        OffsetBytes = _random.NextInt(SimulatedClient.SectorCount) * SectorContent.LengthBytes,
        LengthBytes = 32 * SectorContent.LengthBytes,
        Once = once,
    };

    private void Lie(string node, SimulatedDisk disk)
    {
        int first = _random.NextInt(_random.Chance(0.5) ? 24 : SimulatedClient.SectorCount - 8);
        int count = 1 + _random.NextInt(8);
        for (int sector = first; sector < first + count; sector++)
        {
            tally.AddLie(node, sector);
        }

        disk.CorruptAtRest(
            SimulatedCluster.DataPath, first * SectorContent.LengthBytes, count * SectorContent.LengthBytes);
    }

    private void Partition(string node, TimeSpan lasts)
    {
        string owner = Owner;
        switch (_random.NextInt(3))
        {
            case 0:
                cluster.Network.CutOneWay(owner, node);
                break;
            case 1:
                cluster.Network.CutOneWay(node, owner);
                break;
            default:
                cluster.Network.Cut(owner, node);
                break;
        }

        cluster.World.After(lasts, () => cluster.Network.Heal(owner, node));
    }

    /// <summary>
    /// Some clients move to the new gateway, the others stay with the old one, which does not know yet.
    /// </summary>
    private void TakeOver()
    {
        _takeovers++;
        cluster.StartGateway(Owner);
        foreach (SimulatedClient client in clients)
        {
            if (_random.Chance(0.6))
            {
                client.Gateway = Owner;
            }
        }
    }
}
