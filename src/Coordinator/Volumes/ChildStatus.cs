using Replication.Cluster.Records;

namespace Replication.Coordinator.Volumes;

/// <summary>One child as it stands.</summary>
/// <param name="Name">The slot, <c>children.N</c>.</param>
/// <param name="Node">The storage node.</param>
/// <param name="NodeName">The replica's name in events, <c>VOLUME-NODE</c>.</param>
/// <param name="State">As recorded.</param>
/// <param name="Link">Whether it can be talked to.</param>
/// <param name="Since">Since when the state is what it is; null when since before this gateway
/// started.</param>
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
    ChildCounters Counters)
{
    /// <summary>How far its resync is; null while none runs.</summary>
    public ResyncProgress? Resync { get; init; }

    /// <summary>What is known of a child that has not been opened: its record.</summary>
    internal static ChildStatus Of(string volumeName, VolumeChild child) => new(
        child.Name,
        child.Node,
        child.NodeNameIn(volumeName),
        child.State,
        ChildLink.Closed,
        Since: null,
        Reason: null,
        LastLostVote: null,
        new ChildCounters(0, 0, 0, 0, 0));
}
