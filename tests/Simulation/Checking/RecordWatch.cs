using Replication.Cluster;
using Replication.Cluster.Records;
using Replication.ReplicaNode.Sidecar;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation.Disks;

namespace Replication.Simulation.Checking;

/// <summary>
/// Sees every change of the volume's record. I6: no child is given up that the threshold needs. I4: a child
/// that becomes Synced has every acknowledged write. Keeps which owner had which epoch, for I3.
/// </summary>
internal sealed class RecordWatch(SimulatedCluster cluster, VolumeModel model)
{
    private readonly SortedDictionary<string, uint> _epochs = new(StringComparer.Ordinal);

    // By epoch: when its owner first had a request answered.
    private readonly SortedDictionary<uint, long> _firstSuccess = [];

    /// <summary>The record as it stands in the store; null before the volume is made.</summary>
    internal VolumeRecord? Record { get; private set; }

    internal void OnChanged(string key, StoreEntry? entry)
    {
        if (key != VolumeRecords.KeyOf(SimulatedCluster.Volume))
        {
            return;
        }

        VolumeRecord? before = Record;
        Record = null;
        if (entry is null)
        {
            return;
        }

        if (!VolumeRecordJson.TryParse(entry.Value.Span, out VolumeRecord? record, out string? error))
        {
            cluster.Violations.Add($"the record cannot be read: {error}");
            return;
        }

        Record = record;
        if (record.Owner is string owner)
        {
            _epochs[owner] = record.Epoch;
        }

        if (before is not null)
        {
            CheckThreshold(before, record);
            CheckPromoted(before, record);
            CheckBad(before, record);
            cluster.Stops.OnRecorded(before, record);
        }
    }

    /// <summary>I3: an owner was told something by replicas though a later one already had been.</summary>
    internal void OnSuccess(string owner, ClientRequest request, long end)
    {
        uint epoch = _epochs.GetValueOrDefault(owner);
        _firstSuccess.TryAdd(epoch, end);
        foreach ((uint other, long first) in _firstSuccess)
        {
            if (other > epoch && request.Start > first)
            {
                cluster.Violations.Add(
                    $"I3: {owner} of epoch {epoch} answered a {request} "
                    + $"and the owner of epoch {other} had answered something at {first}");
            }
        }
    }

    private void CheckThreshold(VolumeRecord before, VolumeRecord record)
    {
        int threshold = record.Options.Threshold;
        int holding =
            record.SyncedCount + record.Children.Count(static child => child.State == ChildState.Lapsed);
        if (GivesUp(before, record, ChildState.Synced) && record.SyncedCount < threshold)
        {
            cluster.Violations.Add($"I6: a Synced child was given up, threshold {threshold}: "
                + $"{Describe(before)} became {Describe(record)}");
        }

        if (GivesUp(before, record, ChildState.Lapsed) && holding < threshold)
        {
            cluster.Violations.Add($"I6: a Lapsed child was given up, threshold {threshold}: "
                + $"{Describe(before)} became {Describe(record)}");
        }
    }

    private static string Describe(VolumeRecord record) =>
        string.Join(' ', record.Children.Select(static child => $"{child.Node}={child.State}"));

    private string Contents(VolumeRecord record, long block)
    {
        int[] sectors = [.. Enumerable.Range(0, Islands.SectorCount)
            .Where(sector => Islands.BlockOf(sector) == block)];
        return string.Join("; ", record.Children
            .Where(child => cluster.Disks[child.Node].Exists(SimulatedCluster.DataPath))
            .Select(child => $"{child.Node} has {string.Join(' ', sectors.Select(sector => cluster
                .Disks[child.Node].PeekWord(SimulatedCluster.DataPath, Islands.OffsetOf(sector), false)))}"));
    }

    /// <summary>
    /// A child that lost its files is not given up: it is gone by itself, also when it was promoted since and
    /// its owner ended before it could tell it so.
    /// </summary>
    private bool GivesUp(VolumeRecord before, VolumeRecord record, ChildState state) =>
        before.Children.Any(child => child.State == state
            && !cluster.Damaged.Contains(child.Node)
            && !CallsItselfIncomplete(child.Node)
            && record.FindChild(child.Index)?.State is null or ChildState.Stale or ChildState.Faulted);

    private bool CallsItselfIncomplete(string node)
    {
        SimulatedDisk disk = cluster.Disks[node];
        if (!disk.Exists(SimulatedCluster.SidecarPath))
        {
            return true;
        }

        byte[] Slot(int number) => disk.Peek(
            SimulatedCluster.SidecarPath, SidecarLayout.HeaderOffset(number), SidecarLayout.HeaderSlotBytes);
        return HeaderSlots.Read(Slot(0), Slot(1)).Newest is not { Incomplete: false };
    }

    /// <summary>P22: only where disks were wrong by themselves is there a block without a winner.</summary>
    private void CheckBad(VolumeRecord before, VolumeRecord record)
    {
        foreach (long block in record.BadBlocks.Except(before.BadBlocks))
        {
            if (!model.MayLackVotes(block))
            {
                cluster.Violations.Add($"P22: block {block} is called bad, and no disk is wrong there: "
                    + $"threshold {record.Options.Threshold}, {Describe(before)}; {Contents(record, block)}");
            }
        }
    }

    private void CheckPromoted(VolumeRecord before, VolumeRecord record)
    {
        foreach (VolumeChild child in record.Children)
        {
            ChildState? was = before.FindChild(child.Index)?.State;
            if (child.State != ChildState.Synced || was == ChildState.Synced)
            {
                continue;
            }

            cluster.Damaged.Remove(child.Node);

            // A Lapsed child may come back without being copied to where no child is left that knows more
            // (P12, case c): then what was flushed is all that it has to have.
            bool flushedOnly = was == ChildState.Lapsed;
            if (WhyBehind(child.Node, flushedOnly) is string why)
            {
                cluster.Violations.Add($"I4: {child.Node} was {was} and is recorded Synced, and {why}");
            }
        }
    }

    private string? WhyBehind(string node, bool flushedOnly)
    {
        if (!cluster.Disks[node].Exists(SimulatedCluster.DataPath))
        {
            return "has no data";
        }

        for (int sector = 0; sector < Islands.SectorCount; sector++)
        {
            long value =
                cluster.Disks[node].PeekWord(SimulatedCluster.DataPath, Islands.OffsetOf(sector), false);
            if (!cluster.IsExcused(sector)
                && model.WhyBehind(sector, value, write => !flushedOnly || model.Flushes.IsFlushed(write))
                    is string why)
            {
                return why;
            }
        }

        return null;
    }
}
