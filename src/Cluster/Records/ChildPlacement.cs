namespace Replication.Cluster.Records;

/// <summary>Where a new child's replica is to be.</summary>
/// <param name="Node">The storage node.</param>
/// <param name="ReplicaId">A fresh id for the replica.</param>
public sealed record ChildPlacement(string Node, Guid ReplicaId);
