using Replication.Cluster.Records;

namespace Replication.Coordinator.Volumes.Takeovers;

/// <summary>What an owner knows of a child when it decides a takeover.</summary>
/// <param name="Index">N of <c>children.N</c>.</param>
/// <param name="State">As recorded.</param>
/// <param name="Standing">What its opening brought.</param>
public readonly record struct TakeoverChild(int Index, ChildState State, ChildStanding Standing);
