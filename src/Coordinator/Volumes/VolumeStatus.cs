using Replication.Cluster.Records;

namespace Replication.Coordinator.Volumes;

/// <summary>How a volume is doing as a whole.</summary>
public enum VolumeCondition
{
    /// <summary>Its children are being opened; requests wait.</summary>
    Opening,

    /// <summary>Every child is Synced and in use.</summary>
    Healthy,

    /// <summary>It serves, with fewer than all of its children.</summary>
    Degraded,

    /// <summary>Too few children can be reached: requests fail until they return.</summary>
    Suspended,

    /// <summary>It has stopped and wants a restart, for the reason given.</summary>
    Failed,
}

/// <summary>Whether a child can be talked to.</summary>
public enum ChildLink
{
    /// <summary>Not open: being opened or waiting for its node.</summary>
    Closed,

    /// <summary>Open under the present session.</summary>
    Open,

    /// <summary>It timed out or its connection was lost; it needs a new session.</summary>
    Out,
}

/// <summary>What a child has done since the gateway started.</summary>
/// <param name="VotesLost">Reads on which it was outvoted.</param>
/// <param name="Repairs">Ranges on it that were rewritten.</param>
/// <param name="ReadErrors">Reads that it failed.</param>
/// <param name="WriteErrors">Writes that it failed.</param>
/// <param name="FlushErrors">Flushes that it failed.</param>
public sealed record ChildCounters(
    long VotesLost, long Repairs, long ReadErrors, long WriteErrors, long FlushErrors);

/// <summary>One child as it stands.</summary>
/// <param name="Name">The slot, <c>children.N</c>.</param>
/// <param name="Node">The storage node.</param>
/// <param name="NodeName">The replica's name in events, <c>VOLUME-NODE</c>.</param>
/// <param name="State">As recorded.</param>
/// <param name="Link">Whether it can be talked to.</param>
/// <param name="Since">Since when the state is what it is; null when since before this gateway started.</param>
/// <param name="Reason">Why it is not Synced or not open; null when all is well.</param>
/// <param name="LastLostVote">When it was outvoted last; null when never since the gateway started.</param>
/// <param name="Counters">What it has done.</param>
public sealed record ChildStatus(
    string Name,
    string Node,
    string NodeName,
    ChildState State,
    ChildLink Link,
    DateTimeOffset? Since,
    string? Reason,
    DateTimeOffset? LastLostVote,
    ChildCounters Counters);

/// <summary>One volume as it stands.</summary>
/// <param name="Name">Its name, which is also its export's.</param>
/// <param name="Id">Its id.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Options">Its options, the threshold among them.</param>
/// <param name="Epoch">The owner's epoch.</param>
/// <param name="Condition">How it is doing.</param>
/// <param name="Reason">Why it is not healthy; null when it is.</param>
/// <param name="UnreconciledBytes">Bytes whose write failed and that fail reads until they are written again (P17).</param>
/// <param name="Children">Its children in order.</param>
public sealed record VolumeStatus(
    string Name,
    Guid Id,
    long SizeBytes,
    VolumeOptions Options,
    uint Epoch,
    VolumeCondition Condition,
    string? Reason,
    long UnreconciledBytes,
    IReadOnlyList<ChildStatus> Children);
