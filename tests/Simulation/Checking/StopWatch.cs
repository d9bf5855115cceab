using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Simulation.Cluster;

namespace Replication.Simulation.Checking;

/// <summary>
/// Sees that blkverify stops a volume where its disks differ, and only there; that nobody is told anything by
/// a volume that is stopped; and that it stays so over every end of its owner until an administrator reopens
/// it.
/// </summary>
internal sealed class StopWatch(SimulatedCluster cluster)
{
    // By owner: when its read found a difference; until its volume is reopened.
    private readonly SortedDictionary<string, long> _found = new(StringComparer.Ordinal);
    private long? _recordedAt;
    private bool _mayReopen;

    /// <summary>From now on the flag may be cleared.</summary>
    internal void OnAskedToReopen() => _mayReopen = true;

    /// <summary>An owner says that its children differ.</summary>
    internal void OnFound(string owner, BlkverifyMismatch mismatch)
    {
        _found.TryAdd(owner, cluster.World.StepCount);
        foreach ((int sector, _) in Islands.SectorsIn(
            mismatch.ByteOffset / Islands.SectorBytes * Islands.SectorBytes, Islands.SectorBytes))
        {
            if (!cluster.Model.IsRotten(sector))
            {
                cluster.Violations.Add(
                    $"blkverify: byte {mismatch.ByteOffset} is said to differ, in sector {sector}, "
                    + "and no disk is wrong there");
            }
        }
    }

    /// <summary>The record has changed.</summary>
    internal void OnRecorded(VolumeRecord before, VolumeRecord record)
    {
        if (record.Stopped && !before.Stopped)
        {
            _recordedAt = cluster.World.StepCount;
            _mayReopen = false;
        }
        else if (before.Stopped && !record.Stopped)
        {
            _recordedAt = null;
            _found.Clear();
            if (!_mayReopen)
            {
                cluster.Violations.Add("blkverify: the volume was reopened, and nobody had asked for it");
            }
        }
    }

    /// <summary>A request was answered well.</summary>
    internal void OnSuccess(string owner, ClientRequest request)
    {
        if (_found.TryGetValue(owner, out long found) && request.Start > found)
        {
            cluster.Violations.Add(
                $"blkverify: {owner} found a difference at {found} and then answered a {request}");
        }
        else if (_recordedAt is { } recorded && request.Start > recorded)
        {
            cluster.Violations.Add(
                $"blkverify: the volume is stopped since {recorded}, and {owner} answered a {request}");
        }
    }
}
