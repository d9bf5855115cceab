using System.Globalization;
using Replication.Cluster;
using Replication.Cluster.Embedded;
using Replication.Cluster.Records;
using Replication.Host.Commands;
using Replication.Host.Nodes;

namespace Replication.Host.Demo;

/// <summary>
/// What the records in a demo's folder say, read before anything is started: a command line that contradicts
/// them is refused with nothing made, and a node whose folder was lost is still known to be one.
/// </summary>
internal sealed class StoredVolumes
{
    private readonly IReadOnlyList<VolumeRecord> _records;

    private StoredVolumes(IReadOnlyList<VolumeRecord> records, int nodeCount)
    {
        _records = records;
        NodeCount = nodeCount;
    }

    /// <summary>
    /// The highest K of a nodeK with a child, 0 where there is no volume; where the records do not say, the
    /// highest K with a folder.
    /// </summary>
    public int NodeCount { get; }

    /// <summary>Reads the records of a folder that this process holds.</summary>
    /// <exception cref="StoreOpenException">The store cannot be opened.</exception>
    public static async Task<StoredVolumes> ReadAsync(DataFolder folder)
    {
        if (!Directory.Exists(folder.Store))
        {
            return new StoredVolumes([], folder.ExistingNodeCount());
        }

        using EmbeddedStore store = GatewayHost.OpenStore(folder.Store, new EmbeddedStoreOptions());
        IReadOnlyList<VolumeLookup> found = await new VolumeRecords(store).ListAsync();
        VolumeRecord[] records =
            [.. found.OfType<VolumeLookup.Found>().Select(static one => one.Entry.Record)];
        int nodeCount = records
            .SelectMany(static record => record.Children)
            .Select(static child => DataFolder.NodeNumber(child.Node))
            .DefaultIfEmpty(0)
            .Max();
        return new StoredVolumes(
            records,
            records.Length == found.Count ? nodeCount : Math.Max(nodeCount, folder.ExistingNodeCount()));
    }

    /// <summary>
    /// Refuses what no start with that many nodes can give: another number of children than the volume has,
    /// or a threshold that a new volume's children cannot reach.
    /// </summary>
    /// <exception cref="CommandFailedException">It cannot be had.</exception>
    public void Check(DemoOptions options, int nodeCount)
    {
        VolumeRecord? existing = _records.FirstOrDefault(record => record.Name == options.Volume.Name);
        if (existing is null && options.Volume.Threshold > nodeCount)
        {
            throw new CommandFailedException(string.Create(
                CultureInfo.InvariantCulture,
                $"--threshold {options.Volume.Threshold} cannot be reached by {nodeCount} nodes: "
                    + $"it is 1 to {nodeCount}"));
        }

        if (existing is not null && options.NodeCount is { } asked && asked != existing.Children.Length)
        {
            throw new CommandFailedException(DemoOptions.Words.Contradicts(
                existing.Name, "nodes", $"{asked}", $"{existing.Children.Length}"));
        }
    }
}
