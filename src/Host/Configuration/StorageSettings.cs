using Replication.ReplicaNode.Disk;

namespace Replication.Host.Configuration;

/// <summary>What a node's storage role can be told.</summary>
internal sealed record StorageSettings
{
    /// <summary><c>transfer-threads</c>: threads for reads and writes of one node's disk.</summary>
    public int TransferThreads { get; init; } = DiskThreads.TransferThreadsDefault;

    /// <summary><c>slow-threads</c>: threads for syncs, allocation and opening.</summary>
    public int SlowThreads { get; init; } = DiskThreads.SlowThreadsDefault;
}
