using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Messages;
using Replication.ReplicaNode.Replicas;
using Replication.Simulation.Cluster;
using Replication.TestKit.Simulation.Disks;

namespace Replication.Simulation.Checking;

/// <summary>
/// Sees every operation on one node's raw file. I3: once a replica works for an owner's session, nothing of a
/// lower epoch or session begins or ends on it. I5: nothing makes a Synced child's sector older than a write
/// that was acknowledged.
/// </summary>
internal sealed class DiskWatch(SimulatedCluster cluster, VolumeModel model, string node) : IDiskObserver
{
    private (uint Epoch, uint Session) _highest;
    private Guid? _volumeId;

    public void OnSubmitted(string path, DiskOperation operation) => CheckFence(path, operation, "began");

    public void OnEnded(string path, DiskOperation operation)
    {
        CheckFence(path, operation, "ended");
        if (operation.SyncFailed)
        {
            cluster.OnCacheLost(node);
        }

        bool changes = operation is
        {
            Kind: DiskOperationKind.Write or DiskOperationKind.WriteZeroes or DiskOperationKind.PunchHole,
            Errno: 0,
        };
        if (changes && path == SimulatedCluster.DataPath && cluster.StateOf(node) == ChildState.Synced)
        {
            CheckNotOlder(operation);
        }
    }

    private void CheckFence(string path, DiskOperation operation, string what)
    {
        if (operation is not ReplicaIo { Request.Ticket: ReplicaTicket ticket }
            || path != SimulatedCluster.DataPath)
        {
            return;
        }

        if (_volumeId != cluster.Record?.Id)
        {
            // Another volume of the same name, on another file: its epochs count anew.
            _volumeId = cluster.Record?.Id;
            _highest = default;
        }

        (uint Epoch, uint Session) own = (ticket.Epoch, ticket.Session);
        if (own.CompareTo(_highest) < 0)
        {
            cluster.Violations.Add(
                $"I3: a {operation.Kind} of epoch {own.Epoch}, session {own.Session} {what} on {node} "
                + $"after epoch {_highest.Epoch}, session {_highest.Session} had worked there");
        }

        _highest = own.CompareTo(_highest) > 0 ? own : _highest;
    }

    private void CheckNotOlder(DiskOperation operation)
    {
        bool isWrite = operation.Kind == DiskOperationKind.Write;
        long length = isWrite ? operation.Buffer.Length : operation.LengthBytes;
        foreach ((int sector, int at) in Islands.SectorsIn(operation.OffsetBytes, length))
        {
            long value = isWrite
                ? SectorContent.Decode(
                    sector, operation.Buffer.Span.Slice(at, SectorContent.LengthBytes))
                : 0;
            if (!cluster.IsExcused(sector) && model.WhyBehind(sector, value, static _ => true) is string why)
            {
                cluster.Violations.Add(
                    $"I5: {node}, recorded Synced, was overwritten with older data: {why}");
                return;
            }
        }
    }
}
