using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>Volumes as a scripted gateway reports them.</summary>
internal static class QmpVolumes
{
    /// <summary>A healthy volume with a child on each node, of majority threshold.</summary>
    internal static VolumeStatus Of(string name, long sizeBytes, params string[] nodes) => new(
        name,
        new Guid("00000000-0000-0000-0000-000000000007"),
        sizeBytes,
        new VolumeOptions { Threshold = (nodes.Length / 2) + 1 },
        Epoch: 1,
        VolumeCondition.Healthy,
        Reason: null,
        UnreconciledBytes: 0,
        [.. nodes.Select((node, index) => new ChildStatus(
            $"children.{index}", node, $"{name}-{node}", ChildState.Synced, ChildLink.Open, Since: null,
            Reason: null, LastLostVote: null, new ChildCounters(0, 0, 0, 0, 0)))]);
}
