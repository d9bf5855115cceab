namespace Replication.Actors.Disk;

/// <summary>
/// The seam for disks: one open file. Operations run side by side in any order unless the owner waits; each
/// ends by its owner being told the operation itself.
/// </summary>
public interface IBlockDevice : IDisposable
{
    /// <summary>The file's length when it was opened or last set.</summary>
    long LengthBytes { get; }

    /// <summary>Starts an operation; never blocks and never throws for what the disk does.</summary>
    void Submit(DiskOperation operation);
}
