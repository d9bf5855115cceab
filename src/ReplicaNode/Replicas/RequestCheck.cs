using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Judges what a request asks for against the volume's bounds, before anything is touched or allocated.
/// </summary>
internal static class RequestCheck
{
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
                    : RangeProblem(write.OffsetBytes, write.Payload.LengthBytes, sizeBytes);
            case ZeroReplica zero:
                return Enum.IsDefined(zero.Mode)
                    ? RangeProblem(zero.OffsetBytes, zero.LengthBytes, sizeBytes)
                    : $"no zero mode {(int)zero.Mode}";
            case QueryReplicaExtents query:
                return RangeProblem(query.OffsetBytes, query.LengthBytes, sizeBytes);
            case StoreReplicaRecord store:
                return store.Record.Length > StoreReplicaRecord.LengthMaxBytes
                    ? TooLong("record", store.Record.Length, StoreReplicaRecord.LengthMaxBytes)
                    : null;
            case FlushReplica or CloseReplica:
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
