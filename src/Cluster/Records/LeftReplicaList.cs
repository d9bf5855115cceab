namespace Replication.Cluster.Records;

/// <summary>What the store remembers of deleted volumes.</summary>
/// <param name="Entries">In ordinal order of the volumes' names and the replicas' ids.</param>
/// <param name="UnreadableCount">Entries that are none, which nobody acts on.</param>
public sealed record LeftReplicaList(IReadOnlyList<LeftReplicaEntry> Entries, int UnreadableCount);
