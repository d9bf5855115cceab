using System.Buffers.Binary;
using System.Diagnostics;
using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.Host.Telemetry;

/// <summary>
/// Trace ids that every node works out for itself from a request's id, so that the spans of all nodes meet in
/// one trace without a word about it on the wire.
/// </summary>
internal static class TraceNames
{
    private const int IdBytes = 16;

    /// <summary>The trace of a request: a digest of the volume's id, the epoch and the number.</summary>
    public static ActivityTraceId TraceOf(Guid volumeId, RequestId request)
    {
        Span<byte> id = stackalloc byte[Digest.LengthMaxBytes];
        Write(volumeId, request, id);
        return ActivityTraceId.CreateFromBytes(id[..IdBytes]);
    }

    /// <summary>
    /// Whether a request is of the part that is sent: decided by its id alone, so alike on all nodes.
    /// Allocates nothing.
    /// </summary>
    public static bool IsSampled(Guid volumeId, RequestId request, double ratio)
    {
        if (ratio >= 1 || ratio <= 0)
        {
            return ratio >= 1;
        }

        Span<byte> id = stackalloc byte[Digest.LengthMaxBytes];
        Write(volumeId, request, id);
        return BinaryPrimitives.ReadUInt64BigEndian(id[8..]) < ratio * ulong.MaxValue;
    }

    private static void Write(Guid volumeId, RequestId request, Span<byte> id)
    {
        Span<byte> name = stackalloc byte[28];
        volumeId.TryWriteBytes(name);
        BinaryPrimitives.WriteUInt32LittleEndian(name[16..], request.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(name[20..], request.Number);
        Digest.Compute(DigestKind.Xxh128, name).WriteTo(id);
    }
}
