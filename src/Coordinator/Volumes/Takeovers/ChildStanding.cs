namespace Replication.Coordinator.Volumes.Takeovers;

/// <summary>What the opening of a child brought.</summary>
public enum ChildStanding
{
    /// <summary>It has not answered, or refused.</summary>
    NotOpen,

    /// <summary>It lost its sidecar or a part of its raw file (P5): nothing on it counts.</summary>
    Lacking,

    /// <summary>Open, without its memory of unflushed writes (P12).</summary>
    Forgetful,

    /// <summary>Open, and it has kept every write that it ever took (P9).</summary>
    Continuous,
}
