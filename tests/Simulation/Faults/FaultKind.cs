namespace Replication.Simulation.Faults;

/// <summary>What a run does to its cluster.</summary>
internal enum FaultKind
{
    /// <summary>A disk changes bytes at rest.</summary>
    Rot,

    /// <summary>Reads of a range fail for a while.</summary>
    ReadError,

    /// <summary>One write fails.</summary>
    WriteError,

    /// <summary>One sync fails.</summary>
    SyncError,

    /// <summary>A disk is full for a while.</summary>
    FullDisk,

    /// <summary>A disk's operations of one kind do not end for a while.</summary>
    StalledDisk,

    /// <summary>The connections between a gateway and a storage node break.</summary>
    BrokenConnection,

    /// <summary>A storage node cannot be reached for a while, in one direction or both.</summary>
    Partition,

    /// <summary>A storage node runs slowly for a while.</summary>
    SlowNode,

    /// <summary>A storage node stops for a while, as a suspended process.</summary>
    PausedNode,

    /// <summary>The process of a storage node is killed and started again.</summary>
    KilledNode,

    /// <summary>Another gateway takes over while the old one goes on.</summary>
    Takeover,

    /// <summary>A gateway stops for a while, perhaps across a takeover.</summary>
    PausedGateway,

    /// <summary>The owner is killed and started again on the same store.</summary>
    KilledGateway,

    /// <summary>The owner is closed cleanly and started again.</summary>
    ClosedGateway,

    /// <summary>Some hosts lose power at once, the owner's perhaps among them, and come back.</summary>
    PowerLoss,

    /// <summary>Every host loses power at once.</summary>
    TotalPowerLoss,

    /// <summary>A disk answers syncs that it does not do.</summary>
    LyingSync,

    /// <summary>A replica's sidecar is gone when its node starts again.</summary>
    LostSidecar,

    /// <summary>A replica's files are gone when its node starts again: another disk.</summary>
    LostReplica,

    /// <summary>A change of the record has an unknown outcome.</summary>
    StoreLost,

    /// <summary>A child is added.</summary>
    ChildAdded,

    /// <summary>A child is removed, or that is refused.</summary>
    ChildRemoved,
}
