namespace Replication.Coordinator.Volumes;

/// <summary>
/// Clients' reads that failed because no version of their range had enough votes, each of which was a
/// QUORUM_FAILURE, since the gateway opened the volume.
/// </summary>
/// <param name="Count">How many, at least 1.</param>
/// <param name="LastAt">When the last of them was over.</param>
/// <param name="LastOffsetBytes">Where its range begins.</param>
/// <param name="LastLengthBytes">The range's length.</param>
public sealed record ReadsWithoutWinner(
    long Count, DateTimeOffset LastAt, long LastOffsetBytes, long LastLengthBytes);
