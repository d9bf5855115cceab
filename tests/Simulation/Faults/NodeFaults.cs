using Replication.Cluster.Records;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation;
using Replication.TestKit.Simulation.Disks;

namespace Replication.Simulation.Faults;

/// <summary>What goes wrong with a storage node as a whole, and on the way to it.</summary>
internal sealed class NodeFaults(SimulatedCluster cluster, SeededIdSource random)
{
    /// <summary>Makes one fault happen; false where it cannot.</summary>
    internal bool Strike(FaultKind kind, string node, TimeSpan lasts)
    {
        string owner = cluster.Gateways[^1];
        SimulatedNode struck = cluster.World.Node(node);
        switch (kind)
        {
            case FaultKind.BrokenConnection:
                cluster.Network.Break(owner, node);
                return true;
            case FaultKind.Partition:
                Partition(owner, node, lasts);
                return true;
            case FaultKind.SlowNode:
                struck.Lag = random.NextSpan(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(60));
                cluster.World.After(lasts, () => struck.Lag = TimeSpan.Zero);
                return true;
            case FaultKind.PausedNode:
                struck.Pause();
                cluster.World.After(lasts, struck.Resume);
                return true;
            case FaultKind.KilledNode:
                cluster.Kill(node);
                StartAfter(node, random.Chance(0.5) ? TimeSpan.Zero : lasts);
                return true;
            default:
                return LoseFiles(node, lasts, everything: kind == FaultKind.LostReplica);
        }
    }

    internal void Heal()
    {
        foreach (string node in cluster.StorageNodes)
        {
            Start(node);
            cluster.World.Node(node).Lag = TimeSpan.Zero;
            cluster.World.Node(node).Resume();
            foreach (string gateway in cluster.Gateways)
            {
                cluster.Network.Heal(gateway, node);
            }
        }
    }

    private void StartAfter(string node, TimeSpan delay)
    {
        if (delay == TimeSpan.Zero)
        {
            Start(node);
        }
        else
        {
            cluster.World.After(delay, () => Start(node));
        }
    }

    private void Start(string node)
    {
        if (!cluster.IsUp(node))
        {
            cluster.StartStorage(node);
        }
    }

    private bool LoseFiles(string node, TimeSpan lasts, bool everything)
    {
        // Enough others are to have all writes; what faults make of them later is another matter.
        SimulatedDisk disk = cluster.Disks[node];
        bool isNeeded = cluster.StateOf(node) == ChildState.Synced
            && cluster.Record!.SyncedCount <= cluster.Record.FenceQuorum;
        if (isNeeded || !disk.Exists(SimulatedCluster.SidecarPath) || !cluster.IsUp(node))
        {
            return false;
        }

        cluster.Kill(node);
        cluster.Damaged.Add(node);
        disk.Delete(SimulatedCluster.SidecarPath);
        if (everything)
        {
            disk.Delete(SimulatedCluster.DataPath);
        }

        StartAfter(node, lasts);
        return true;
    }

    private void Partition(string owner, string node, TimeSpan lasts)
    {
        switch (random.NextInt(3))
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
}
