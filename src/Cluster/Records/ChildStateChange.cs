namespace Replication.Cluster.Records;

/// <summary>A state that a child is to be recorded in.</summary>
/// <param name="ChildIndex">N of <c>children.N</c>, not a position in the list.</param>
/// <param name="State">The state to record.</param>
public readonly record struct ChildStateChange(int ChildIndex, ChildState State);
