using Replication.Messages;

namespace Replication.ReplicaNode.Observing;

/// <summary>
/// One request that a replica has answered. Times are timestamps of the system's <see cref="TimeProvider"/>.
/// </summary>
public readonly record struct ReplicaReport
{
    /// <summary>
    /// The request of the volume that it was asked for; number 0 for what the owner asks outside of one.
    /// </summary>
    public required RequestId Id { get; init; }

    /// <summary>The volume's name.</summary>
    public required string VolumeName { get; init; }

    /// <summary>The volume's id.</summary>
    public required Guid VolumeId { get; init; }

    /// <summary>What it was asked.</summary>
    public required ReplicaOperation Operation { get; init; }

    /// <summary>First byte; 0 for what has no range.</summary>
    public required long OffsetBytes { get; init; }

    /// <summary>Bytes; 0 for what has no range.</summary>
    public required long LengthBytes { get; init; }

    /// <summary>The replica got it.</summary>
    public required long ArrivedAt { get; init; }

    /// <summary>
    /// When it was handed to the disk, after its turn and its hot marks had come (P7); equal to
    /// <see cref="DiskEndedAt"/> where the raw file had nothing to do.
    /// </summary>
    public required long DiskStartedAt { get; init; }

    /// <summary>When the replica heard that the disk was done with it.</summary>
    public required long DiskEndedAt { get; init; }

    /// <summary>When it was answered: behind the disk's work only where it then waited for a sync.</summary>
    public required long AnsweredAt { get; init; }

    /// <summary>0, or the errno of Linux that the asker was told.</summary>
    public required int Errno { get; init; }

    /// <summary>What kind of failure; null when it did not fail.</summary>
    public required ReplicaRefusal? Refusal { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public required string? Reason { get; init; }
}
