namespace Replication.Coordinator.Volumes;

/// <summary>How a volume is doing as a whole.</summary>
public enum VolumeCondition
{
    /// <summary>Its children are being opened; requests wait.</summary>
    Opening,

    /// <summary>Every child is Synced and in use, and nothing is to be reconciled.</summary>
    Healthy,

    /// <summary>It serves, with fewer than all of its children or some ranges to be reconciled.</summary>
    Degraded,

    /// <summary>Too few children can be reached, or know every write: requests fail.</summary>
    Suspended,

    /// <summary>It has stopped and wants a restart, for the reason given.</summary>
    Failed,

    /// <summary>
    /// Blkverify found a difference: nothing is served until an administrator reopens it.
    /// </summary>
    Stopped,
}
