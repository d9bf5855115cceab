using Replication.Actors.Disk;

namespace Replication.ReplicaNode.Disk;

/// <summary>
/// Hears of each operation on a node's files once it is done. Called on the disk's threads, several at a
/// time: it must be quick, must not block, and must not throw.
/// </summary>
public interface IDiskObserver
{
    /// <summary>An operation is done.</summary>
    /// <param name="kind">What it was; a write that was synced at once is a write.</param>
    /// <param name="bytes">What it was about; 0 for a sync.</param>
    /// <param name="elapsed">Since it was handed over, its wait for a thread included.</param>
    /// <param name="errno">0, or what it failed with.</param>
    void OnDone(DiskOperationKind kind, long bytes, TimeSpan elapsed, int errno);
}
