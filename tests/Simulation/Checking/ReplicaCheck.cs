using Replication.Cluster.Records;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation.Disks;

namespace Replication.Simulation.Checking;

/// <summary>Looks at the disks of the children that the record calls Synced.</summary>
internal sealed class ReplicaCheck(SimulatedCluster cluster, VolumeModel model)
{
    /// <summary>
    /// P15 and I4: a write that is acknowledged now is on every Synced child; where it has to be durable by
    /// itself, below the cache (I2).
    /// </summary>
    internal void OnAcknowledged(LoggedWrite write, int first, int count)
    {
        byte[] expected = new byte[SectorContent.LengthBytes];
        foreach (VolumeChild child in Synced())
        {
            bool durable = write.IsDurable && !cluster.Disks[child.Node].HasLied;
            if (!durable && cluster.HasLostCache(child.Node, write.Start))
            {
                continue;
            }

            for (int sector = first; sector < first + count; sector++)
            {
                SectorContent.Encode(write.Value, sector, expected);
                if (!cluster.IsExcused(sector) && !Has(child.Node, sector, expected, durable))
                {
                    string invariant = Has(child.Node, sector, expected, durable: false) ? "I2" : "I4";
                    cluster.Violations.Add(
                        $"{invariant}: write {write.Value} of sector {sector} was acknowledged and is not on "
                        + $"{child.Node}, recorded Synced: it has write {ValueOn(child.Node, sector, true)}, "
                        + $"and {ValueOn(child.Node, sector, false)} in its cache");
                    return;
                }
            }
        }
    }

    /// <summary>
    /// I2: what was answered before a flush that is acknowledged now is durable on every Synced child, so
    /// that all of them but any one may be lost.
    /// </summary>
    internal void OnFlushed(long start)
    {
        foreach (VolumeChild child in Synced().Where(child => !cluster.Disks[child.Node].HasLied))
        {
            for (int sector = 0; sector < Islands.SectorCount; sector++)
            {
                if (!cluster.IsExcused(sector)
                    && model.WhyBehind(
                        sector, ValueOn(child.Node, sector, durable: true), write => write.End <= start)
                        is string why)
                {
                    cluster.Violations.Add(
                        $"I2: a flush is acknowledged, and the disk of {child.Node}, recorded Synced, is "
                        + $"behind: {why}");
                    return;
                }
            }
        }
    }

    /// <summary>Where Synced children differ though nothing was written since a flush; or null.</summary>
    internal string? FindDifference(bool durable)
    {
        VolumeChild[] children = [.. Synced()];
        for (int sector = 0; sector < Islands.SectorCount; sector++)
        {
            if (cluster.IsExcused(sector))
            {
                continue;
            }

            long[] values = [.. children.Select(child => ValueOn(child.Node, sector, durable))];
            if (values.Distinct().Count() > 1)
            {
                return $"sector {sector} has "
                    + string.Join(", ", children.Zip(values, (child, value) => $"{value} on {child.Node}"));
            }
        }

        return null;
    }

    private IEnumerable<VolumeChild> Synced() => cluster.Record!.Children.Where(child =>
        child.State == ChildState.Synced && cluster.Disks[child.Node].Exists(SimulatedCluster.DataPath));

    private long ValueOn(string node, int sector, bool durable) =>
        cluster.Disks[node].PeekWord(SimulatedCluster.DataPath, Islands.OffsetOf(sector), durable);

    private bool Has(string node, int sector, byte[] expected, bool durable)
    {
        SimulatedDisk disk = cluster.Disks[node];
        long offset = Islands.OffsetOf(sector);
        byte[] actual = durable
            ? disk.PeekDurable(SimulatedCluster.DataPath, offset, SectorContent.LengthBytes)
            : disk.Peek(SimulatedCluster.DataPath, offset, SectorContent.LengthBytes);
        return expected.AsSpan().SequenceEqual(actual);
    }
}
