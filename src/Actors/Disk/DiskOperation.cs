namespace Replication.Actors.Disk;

/// <summary>
/// One piece of work for a device: the request, then its result, then the message by which its owner hears of
/// it. The buffer belongs to the device from Submit until the owner is told.
/// </summary>
public class DiskOperation(DiskOperationKind kind, IActorRef owner)
{
    /// <summary>What to do.</summary>
    public DiskOperationKind Kind { get; } = kind;

    /// <summary>Who is told this very object when it is done.</summary>
    public IActorRef Owner { get; } = owner;

    /// <summary>
    /// First byte; for reads and writes with the length of <see cref="Buffer"/> inside the device.
    /// </summary>
    public long OffsetBytes { get; init; }

    /// <summary>Length of the range for the kinds without a buffer.</summary>
    public long LengthBytes { get; init; }

    /// <summary>Where a read goes to or a write comes from.</summary>
    public Memory<byte> Buffer { get; init; }

    /// <summary>
    /// True: the change is durable (with everything completed before) when the owner is told.
    /// </summary>
    public bool SyncAfter { get; init; }

    /// <summary>When the device got it, by the device's clock; 0 where nobody wants to know.</summary>
    public long QueuedAt { get; set; }

    /// <summary>The answer to QueryExtents: in order, without gaps, over the range asked for.</summary>
    public IReadOnlyList<DiskExtent> Extents { get; set; } = [];

    /// <summary>0, or the errno of Linux that the operation failed with.</summary>
    public int Errno { get; set; }

    /// <summary>True when the error came from a sync: the device's unsynced writes may be lost.</summary>
    public bool SyncFailed { get; set; }

    /// <summary>
    /// True when the device found its file shorter than it was when it was opened, or without a name:
    /// somebody cut or removed it. Nothing was changed, and nothing will be until the file is opened anew.
    /// </summary>
    public bool FoundCut { get; set; }

    /// <summary>
    /// Called by the device when the work is done, on its own thread: computes what needs the bytes while
    /// they are in cache, then tells the owner.
    /// </summary>
    public void Complete()
    {
        OnDone();
        Owner.Tell(this);
    }

    /// <summary>Runs on the device's thread before the owner is told; must not throw.</summary>
    protected virtual void OnDone()
    {
    }
}
