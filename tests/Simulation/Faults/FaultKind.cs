namespace Replication.Simulation.Faults;

/// <summary>What a run does to its cluster.</summary>
internal enum FaultKind
{
    /// <summary>A disk changes bytes at rest.</summary>
    Lie,

    /// <summary>Reads of a range fail for a while.</summary>
    ReadError,

    /// <summary>One write fails.</summary>
    WriteError,

    /// <summary>One sync fails.</summary>
    SyncError,

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
}
