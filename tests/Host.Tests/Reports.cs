using Replication.Coordinator.Observing;
using Replication.Messages;
using Replication.ReplicaNode.Observing;

namespace Replication.Host.Tests;

/// <summary>Reports of requests that went well, of which tests change what they are about.</summary>
internal static class Reports
{
    private const string VolumeName = "vm";
    private const long OffsetBytes = 8192;
    private const long LengthBytes = 4096;

    private static readonly RequestId Id = new(3, 17);

    /// <summary>A request that was started as it came, and over as it was answered.</summary>
    public static RequestReport Requested(RequestKind kind, long arrivedAt = 0, long answeredAt = 0) => new()
    {
        Id = Id,
        VolumeName = VolumeName,
        VolumeId = Guid.Empty,
        Kind = kind,
        OffsetBytes = OffsetBytes,
        LengthBytes = LengthBytes,
        ArrivedAt = arrivedAt,
        StartedAt = arrivedAt,
        AnsweredAt = answeredAt,
        EndedAt = answeredAt,
        Errno = 0,
        Reason = null,
        Children = [],
    };

    /// <summary>What a replica did that the disk was busy with all the time.</summary>
    public static ReplicaReport Answered(
        ReplicaOperation operation, long arrivedAt = 0, long answeredAt = 0) => new()
        {
            Id = Id,
            VolumeName = VolumeName,
            VolumeId = Guid.Empty,
            Operation = operation,
            OffsetBytes = OffsetBytes,
            LengthBytes = LengthBytes,
            ArrivedAt = arrivedAt,
            DiskStartedAt = arrivedAt,
            DiskEndedAt = answeredAt,
            AnsweredAt = answeredAt,
            Errno = 0,
            Refusal = null,
            Reason = null,
        };
}
