namespace Replication.Cluster.Records;

/// <summary>A replica as the store remembers it.</summary>
/// <param name="Replica">What is left where.</param>
/// <param name="Revision">The entry's revision; 0 for one that the store does not remember.</param>
public sealed record LeftReplicaEntry(LeftReplica Replica, long Revision)
{
    /// <summary>The same, with what a record of the volume says besides.</summary>
    public LeftReplicaEntry With(VolumeRecord record) => this with { Replica = Replica.With(record) };
}
