using Replication.Actors.Disk;

namespace Replication.TestKit.Simulation.Disks;

/// <summary>One fault of a simulated disk, and which operations it hits.</summary>
public sealed class DiskFault(DiskFaultEffect effect)
{
    /// <summary>What it does.</summary>
    public DiskFaultEffect Effect { get; } = effect;

    /// <summary>The file it is on; null: every file.</summary>
    public string? Path { get; init; }

    /// <summary>The kind of operation; null: every kind that the effect makes sense for.</summary>
    public DiskOperationKind? Kind { get; init; }

    /// <summary>First byte of the bad range.</summary>
    public long OffsetBytes { get; init; }

    /// <summary>
    /// Length of the bad range; operations without a range, such as a sync, are always in it.
    /// </summary>
    public long LengthBytes { get; init; } = long.MaxValue;

    /// <summary>The error of Fail and FailOpen: EIO unless given.</summary>
    public int Errno { get; init; } = Actors.Disk.Errno.InputOutput;

    /// <summary>True: the fault is gone after its first hit.</summary>
    public bool Once { get; init; }

    /// <summary>Operations hit so far.</summary>
    public int HitCount { get; internal set; }

    internal bool Hits(string path, DiskOperationKind kind, long offset, long length)
    {
        bool fits = Effect switch
        {
            DiskFaultEffect.LoseWrite or DiskFaultEffect.CorruptWrite => kind == DiskOperationKind.Write,
            DiskFaultEffect.LieAboutSync => kind == DiskOperationKind.Sync,
            DiskFaultEffect.FailOpen => false,
            _ => true,
        };
        return fits && (Path is null || Path == path) && (Kind is null || Kind == kind)
            && (kind == DiskOperationKind.Sync || Overlaps(offset, length));
    }

    private bool Overlaps(long offset, long length) =>
        offset + length > OffsetBytes && (LengthBytes == long.MaxValue || offset < OffsetBytes + LengthBytes);
}
