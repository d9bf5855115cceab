namespace Replication.Actors.Disk;

/// <summary>What a device is asked to do.</summary>
public enum DiskOperationKind
{
    /// <summary>Fills <see cref="DiskOperation.Buffer"/> from the device.</summary>
    Read,

    /// <summary>Writes <see cref="DiskOperation.Buffer"/>.</summary>
    Write,

    /// <summary>Makes the range read zero and keeps (or gets) its blocks allocated.</summary>
    WriteZeroes,

    /// <summary>
    /// Makes the range read zero and frees its blocks; writes zeroes where a hole cannot be punched.
    /// </summary>
    PunchHole,

    /// <summary>Fills <see cref="DiskOperation.Extents"/>: what holds data and what is a hole.</summary>
    QueryExtents,

    /// <summary>
    /// Makes everything completed before durable (a checked fdatasync). Never to be retried after an error:
    /// what it was for may be lost, and is dropped from the cache, so that reads tell what the disk has.
    /// </summary>
    Sync,
}
