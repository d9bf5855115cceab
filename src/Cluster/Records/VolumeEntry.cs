namespace Replication.Cluster.Records;

/// <summary>A record and the store's revision of it, which the next change of it expects.</summary>
/// <param name="Record">The record.</param>
/// <param name="Revision">At least 1.</param>
public sealed record VolumeEntry(VolumeRecord Record, long Revision);
