using Replication.Messages;
using Replication.Messages.Digests;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Judges what a request asks for against the volume's bounds, before anything is touched or allocated.
/// </summary>
internal static class RequestCheck
{
    /// <summary>Of a stamp, the low bits count within an epoch (P6).</summary>
    private const int StampCounterBits = 40;

    /// <summary>Null when the request can be carried out, else what is wrong with it.</summary>
    internal static string? Problem(ReplicaRequest request, long sizeBytes)
    {
        switch (request)
        {
            case ReadReplica read:
                if (read.LengthBytes > RequestLimits.LengthMaxBytes)
                {
                    return TooLong("read", read.LengthBytes, RequestLimits.LengthMaxBytes);
                }

                if (!Enum.IsDefined(read.Mode))
                {
                    return $"no read mode {(int)read.Mode}";
                }

                return read.Mode != ReplicaReadMode.Data && !Digest.IsKnown(read.DigestKind)
                    ? $"no digest of kind {(int)read.DigestKind}"
                    : RangeProblem(read.OffsetBytes, read.LengthBytes, sizeBytes);
            case WriteReplica write:
                return write.Payload.LengthBytes > RequestLimits.LengthMaxBytes
                    ? TooLong("write", write.Payload.LengthBytes, RequestLimits.LengthMaxBytes)
                    : ChangeProblem(write, sizeBytes);
            case ZeroReplica zero:
                return Enum.IsDefined(zero.Mode)
                    ? ChangeProblem(zero, sizeBytes)
                    : $"no zero mode {(int)zero.Mode}";
            case StampReplica:
                return ChangeProblem(request, sizeBytes);
            case ListReplicaRegions list:
                return list.FirstRegion >= 0 && list.FirstRegion <= new SidecarLayout(sizeBytes).RegionCount
                    ? null
                    : $"no region {list.FirstRegion} in a volume of {sizeBytes} bytes";
            case QueryReplicaExtents query:
                return RangeProblem(query.OffsetBytes, query.LengthBytes, sizeBytes);
            case StoreReplicaRecord store:
                return store.Record.Length > StoreReplicaRecord.LengthMaxBytes
                    ? TooLong("record", store.Record.Length, StoreReplicaRecord.LengthMaxBytes)
                    : null;
            case FlushReplica or CloseReplica or SettleReplica or ConfirmReplica:
                return null;
            default:
                return $"no replica knows the request {request.GetType().Name}";
        }
    }

    /// <summary>Bytes that a request holds in memory from its start to its answer.</summary>
    internal static long HeldBytes(ReplicaRequest request) => request switch
    {
        ReadReplica read => read.LengthBytes,
        WriteReplica write => write.Payload.LengthBytes,
        _ => 0,
    };

    /// <summary>
    /// A stamp above the owner's epoch would count as later than all that its successors write.
    /// </summary>
    private static string? ChangeProblem(ReplicaRequest request, long sizeBytes)
    {
        ReplicaChange change = ReplicaChange.Of(request);
        return change.Stamp >> StampCounterBits > request.Ticket.Epoch
            ? $"stamp {change.Stamp:x} is of a later epoch than {request.Ticket.Epoch}"
            : RangeProblem(change.OffsetBytes, change.LengthBytes, sizeBytes);
    }

    private static string TooLong(string what, int lengthBytes, int maxBytes) =>
        $"a {what} of {lengthBytes} bytes, of which {maxBytes} are allowed";

    private static string? RangeProblem(long offsetBytes, long lengthBytes, long sizeBytes)
    {
        bool isInside = offsetBytes >= 0
            && lengthBytes > 0
            && offsetBytes < sizeBytes
            && lengthBytes <= sizeBytes - offsetBytes;
        return isInside
            ? null
            : $"{lengthBytes} bytes at {offsetBytes} are not inside the volume of {sizeBytes} bytes";
    }
}
