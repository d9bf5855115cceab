using System.Buffers.Binary;
using System.Diagnostics;
using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.Host.Telemetry;

/// <summary>
/// Ids that every node works out for itself from a request's id, so that the spans of all nodes meet in one
/// trace, below the gateway's, without a word about it on the wire.
/// </summary>
internal static class TraceNames
{
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;
    private const int NameBytes = 29;

    /// <summary>What a digest is for: ids of different uses have nothing in common.</summary>
    private enum Use : byte
    {
        Trace,
        Span,
    }

    /// <summary>The trace of a request: a digest of the volume's id, the epoch and the number.</summary>
    public static ActivityTraceId TraceOf(Guid volumeId, RequestId request)
    {
        Span<byte> id = stackalloc byte[Digest.LengthMaxBytes];
        Write(volumeId, request, Use.Trace, id);
        return ActivityTraceId.CreateFromBytes(id[..TraceIdBytes]);
    }

    /// <summary>The gateway's span of a request, the one above all others of its trace.</summary>
    public static ActivitySpanId SpanOf(Guid volumeId, RequestId request)
    {
        Span<byte> id = stackalloc byte[Digest.LengthMaxBytes];
        Write(volumeId, request, Use.Span, id);
        return ActivitySpanId.CreateFromBytes(id[..SpanIdBytes]);
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
        Write(volumeId, request, Use.Trace, id);
        return BinaryPrimitives.ReadUInt64BigEndian(id[8..]) < ratio * ulong.MaxValue;
    }

    private static void Write(Guid volumeId, RequestId request, Use use, Span<byte> id)
    {
        Span<byte> name = stackalloc byte[NameBytes];
        volumeId.TryWriteBytes(name);
        BinaryPrimitives.WriteUInt32LittleEndian(name[16..], request.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(name[20..], request.Number);
        name[^1] = (byte)use;
        Digest.Compute(DigestKind.Xxh128, name).WriteTo(id);
    }
}
