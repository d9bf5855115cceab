namespace Replication.Cluster.Records;

/// <summary>Where a new child's replica is to be.</summary>
/// <param name="Node">The storage node.</param>
/// <param name="ReplicaId">A fresh id for the replica.</param>
/// <param name="NodeName">The replica's node-name; null: <c>VOLUME-NODE</c>.</param>
public sealed record ChildPlacement(string Node, Guid ReplicaId, string? NodeName = null)
{
    internal VolumeChild ToChild(int index, ChildState state) =>
        new(index, Node, ReplicaId, state) { GivenNodeName = NodeName };
}
