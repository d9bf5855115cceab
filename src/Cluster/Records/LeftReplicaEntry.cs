namespace Replication.Cluster.Records;

/// <summary>A replica as the store remembers it.</summary>
/// <param name="Replica">What is left where.</param>
/// <param name="Revision">The entry's revision; 0 for one that the store does not remember.</param>
public sealed record LeftReplicaEntry(LeftReplica Replica, long Revision);
