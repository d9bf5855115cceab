using Replication.Actors.Disk;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// A replica's open files and its sidecar in memory; whoever holds it disposes the devices.
/// </summary>
internal sealed record LoadedReplica(IBlockDevice Data, IBlockDevice SidecarFile, SidecarState Sidecar)
{
    internal void Dispose()
    {
        Data.Dispose();
        SidecarFile.Dispose();
    }
}
