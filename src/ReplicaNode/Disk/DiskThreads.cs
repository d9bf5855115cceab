namespace Replication.ReplicaNode.Disk;

/// <summary>
/// The threads on which one node's blocking disk work runs, in two lanes: reads and writes of data in one,
/// all that may take long (syncs, allocation, opening) in the other, so that a large sync never holds up a
/// read for want of a thread. What is slow inside the kernel stays slow: the lanes only keep the queues
/// apart.
/// </summary>
public sealed class DiskThreads : IDisposable
{
    /// <summary>Threads for reads and writes unless told otherwise.</summary>
    public const int TransferThreadsDefault = 6;

    /// <summary>Threads for syncs, allocation and opening unless told otherwise.</summary>
    public const int SlowThreadsDefault = 4;

    /// <summary>How long the end of one waits for operations that are under way.</summary>
    public static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Two lanes with at most that many threads; none is started before there is work.</summary>
    public DiskThreads(
        int transferThreadsMax = TransferThreadsDefault, int slowThreadsMax = SlowThreadsDefault)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(transferThreadsMax);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(slowThreadsMax);
        Transfers = new DiskLane("io", transferThreadsMax);
        Slow = new DiskLane("slow", slowThreadsMax);
    }

    /// <summary>Hears of each operation; null for nobody. Set before the first disk is made.</summary>
    public IDiskObserver? Observer { get; init; }

    /// <summary>Reads and writes that wait for a thread.</summary>
    public int TransfersWaiting => Transfers.WaitingCount;

    /// <summary>Syncs, allocations and openings that wait for a thread.</summary>
    public int SlowWaiting => Slow.WaitingCount;

    internal DiskLane Transfers { get; }

    internal DiskLane Slow { get; }

    /// <summary>
    /// Ends the threads when what is queued is done, and waits for that, so that nothing is changed any more
    /// when this returns; but no longer than <see cref="DrainTimeout"/> for a disk that does not answer.
    /// </summary>
    public void Dispose()
    {
        Transfers.Dispose();
        Slow.Dispose();
        _ = Transfers.AwaitEnd(DrainTimeout) && Slow.AwaitEnd(DrainTimeout);
    }
}
