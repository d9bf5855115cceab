using Replication.Actors;
using Replication.Messages;
using Replication.ReplicaNode.Observing;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Where every answer to a replica's requests goes out, and is reported. Runs within the replica's actor.
/// </summary>
internal sealed class ReplicaAnswers(
    ReplicaIdentity identity, IActorRef replica, IReplicaObserver observer, TimeProvider time)
{
    internal long Now => time.GetTimestamp();

    /// <summary>Answers what the disk had no work with.</summary>
    internal void Send(in AskedRequest asked, ReplicaReply reply)
    {
        long now = Now;
        Send(asked, reply, (now, now));
    }

    /// <summary>Answers a request that waited for a sync, well or not.</summary>
    internal void Send(SyncWait wait, ReplicaReply reply)
    {
        long now = Now;
        long startedAt = wait.DiskStartedAt == 0 ? now : wait.DiskStartedAt;
        Send(wait.Asked, reply, (startedAt, wait.DiskEndedAt == 0 ? now : wait.DiskEndedAt));
    }

    /// <summary>Answers what the disk was asked for.</summary>
    /// <param name="asked">The request.</param>
    /// <param name="reply">Its answer.</param>
    /// <param name="disk">When the disk got it, and was done with it.</param>
    internal void Send(in AskedRequest asked, ReplicaReply reply, (long StartedAt, long EndedAt) disk)
    {
        asked.ReplyTo.Tell(reply, replica);
        ReplicaRequest request = asked.Request;
        ReplicaFailed? failed = reply as ReplicaFailed;
        (long offset, long length) = RangeOf(request);
        observer.OnAnswered(new ReplicaReport
        {
            Id = new RequestId(request.Ticket.Epoch, request.RequestNumber),
            VolumeName = identity.VolumeName,
            VolumeId = identity.VolumeId,
            Operation = OperationOf(request),
            OffsetBytes = offset,
            LengthBytes = length,
            ArrivedAt = asked.ArrivedAt,
            DiskStartedAt = disk.StartedAt,
            DiskEndedAt = disk.EndedAt,
            AnsweredAt = Now,
            Errno = failed?.Errno ?? 0,
            Refusal = failed?.Refusal,
            Reason = failed?.Reason,
        });
    }

    private static (long OffsetBytes, long LengthBytes) RangeOf(ReplicaRequest request) => request switch
    {
        ReadReplica read => (read.OffsetBytes, read.LengthBytes),
        WriteReplica write => (write.OffsetBytes, write.Payload.LengthBytes),
        ZeroReplica zero => (zero.OffsetBytes, zero.LengthBytes),
        StampReplica stamp => (stamp.OffsetBytes, stamp.LengthBytes),
        QueryReplicaExtents query => (query.OffsetBytes, query.LengthBytes),
        _ => (0, 0),
    };

    private static ReplicaOperation OperationOf(ReplicaRequest request) => request switch
    {
        ReadReplica { Mode: ReplicaReadMode.Data } => ReplicaOperation.Read,
        ReadReplica => ReplicaOperation.Digest,
        WriteReplica => ReplicaOperation.Write,
        ZeroReplica => ReplicaOperation.Zero,
        StampReplica => ReplicaOperation.Stamp,
        FlushReplica => ReplicaOperation.Flush,
        QueryReplicaExtents => ReplicaOperation.Extents,
        ListReplicaRegions => ReplicaOperation.Regions,
        StoreReplicaRecord => ReplicaOperation.StoreRecord,
        SettleReplica => ReplicaOperation.Settle,
        ConfirmReplica => ReplicaOperation.Confirm,
        CloseReplica => ReplicaOperation.Close,
        _ => throw new InvalidOperationException($"no operation: {request.GetType().Name}"),
    };
}
