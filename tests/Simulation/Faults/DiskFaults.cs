using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Simulation.Checking;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation;
using Replication.TestKit.Simulation.Disks;

namespace Replication.Simulation.Faults;

/// <summary>What goes wrong within a storage node's disk.</summary>
internal sealed class DiskFaults(SimulatedCluster cluster, SeededIdSource random, RunShape shape)
{
    /// <summary>Makes one fault happen; false where it cannot.</summary>
    internal bool Strike(FaultKind kind, string node, TimeSpan lasts)
    {
        SimulatedDisk disk = cluster.Disks[node];
        switch (kind)
        {
            case FaultKind.Rot:
                return Rot(disk);
            case FaultKind.ReadError:
                DiskFault unreadable = DataFault(DiskOperationKind.Read, once: false);
                cluster.Model.AddUnreadable(unreadable.OffsetBytes, unreadable.LengthBytes);

                InjectFor(disk, lasts, unreadable);
                return true;
            case FaultKind.WriteError:
                disk.Inject(DataFault(DiskOperationKind.Write, once: true));
                return true;
            case FaultKind.SyncError:
                disk.Inject(
                    new DiskFault(DiskFaultEffect.Fail) { Kind = DiskOperationKind.Sync, Once = true });
                return true;
            case FaultKind.FullDisk:
                disk.CapacityBytes = disk.AllocatedBytes;
                cluster.World.After(lasts, () => disk.CapacityBytes = long.MaxValue);
                return true;
            case FaultKind.StalledDisk:
                Stall(disk, lasts);
                return true;
            default:
                if (shape.LyingNode is not int liar)
                {
                    return false;
                }

                InjectFor(
                    cluster.Disks[$"node{liar}"], lasts, new DiskFault(DiskFaultEffect.LieAboutSync));
                return true;
        }
    }

    internal void Heal()
    {
        foreach (SimulatedDisk disk in cluster.Disks.Values)
        {
            disk.Heal();
            disk.CapacityBytes = long.MaxValue;
        }
    }

    /// <summary>
    /// Rot counts as such on the child that has it. Without a majority for the truth it may win a vote (I1).
    /// </summary>
    private bool Rot(SimulatedDisk disk)
    {
        if (!disk.Exists(SimulatedCluster.DataPath))
        {
            return false;
        }

        cluster.Model.RotMayWin |= !shape.IsMajority;
        int count = 1 + random.NextInt(8);
        int first = random.NextInt(Islands.SectorCount - count);
        for (int sector = first; sector < first + count; sector++)
        {
            cluster.Model.AddRot(sector);
            disk.CorruptAtRest(
                SimulatedCluster.DataPath, Islands.OffsetOf(sector), SectorContent.LengthBytes);
        }

        return true;
    }

    private void Stall(SimulatedDisk disk, TimeSpan lasts)
    {
        DiskFault fault = disk.Inject(new DiskFault(DiskFaultEffect.Stall)
        {
            Kind = random.Pick([DiskOperationKind.Write, DiskOperationKind.Read, DiskOperationKind.Sync]),
        });
        cluster.World.After(lasts, () =>
        {
            disk.Remove(fault);
            disk.ReleaseStalled();
        });
    }

    private void InjectFor(SimulatedDisk disk, TimeSpan lasts, DiskFault fault)
    {
        disk.Inject(fault);
        cluster.World.After(lasts, () => disk.Remove(fault));
    }

    private DiskFault DataFault(DiskOperationKind kind, bool once) => new(DiskFaultEffect.Fail)
    {
        Kind = kind,
        Path = SimulatedCluster.DataPath,
        OffsetBytes = Islands.OffsetOf(random.NextInt(Islands.SectorCount)),
        LengthBytes = 32 * SectorContent.LengthBytes,
        Once = once,
    };
}
