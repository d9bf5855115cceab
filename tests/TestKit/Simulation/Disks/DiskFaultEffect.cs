namespace Replication.TestKit.Simulation.Disks;

/// <summary>What a fault does to an operation that it hits.</summary>
public enum DiskFaultEffect
{
    /// <summary>
    /// It fails with the errno and changes nothing; a sync that fails loses what it should have saved.
    /// </summary>
    Fail,

    /// <summary>A write succeeds and changes nothing.</summary>
    LoseWrite,

    /// <summary>A write succeeds with one byte of it changed.</summary>
    CorruptWrite,

    /// <summary>A sync succeeds and makes nothing durable.</summary>
    LieAboutSync,

    /// <summary>It does not end until the disk's stalled operations are released.</summary>
    Stall,

    /// <summary>Opening the file fails with the errno.</summary>
    FailOpen,
}
