using Replication.Actors.Buffers;
using Replication.Actors.Disk;

namespace Replication.Messages;

/// <summary>
/// What a client's connection asks of a volume. The sender is told exactly one <see cref="RangeReply"/>;
/// requests on overlapping ranges are served in the order in which the volume got them. Ranges lie inside the
/// volume.
/// </summary>
public abstract record RangeRequest;

/// <summary>Reads: answered by <see cref="RangeRead"/>. Length 1 byte to 32 MiB.</summary>
public sealed record ReadRange(long OffsetBytes, int LengthBytes) : RangeRequest;

/// <summary>Writes; one reference of the payload goes with the message. Length 1 byte to 32 MiB.</summary>
public sealed record WriteRange(long OffsetBytes, PooledBuffer Payload, bool Fua) : RangeRequest;

/// <summary>Write-zeroes, and discard (which is MayPunch).</summary>
public sealed record ZeroRange(long OffsetBytes, long LengthBytes, ZeroMode Mode, bool Fua) : RangeRequest
{
    /// <summary>True for a discard. Nothing but what is counted and logged goes by it.</summary>
    public bool IsTrim { get; init; }
}

/// <summary>Makes every write answered before, on any connection, durable.</summary>
public sealed record FlushVolume : RangeRequest;

/// <summary>Asks which parts surely read zero: answered by <see cref="RangeExtents"/> (P14).</summary>
public sealed record QueryRangeExtents(long OffsetBytes, long LengthBytes) : RangeRequest;

/// <summary>The one answer to a request.</summary>
public abstract record RangeReply;

/// <summary>The winning bytes; one reference is the receiver's.</summary>
public sealed record RangeRead(PooledBuffer Data) : RangeReply;

/// <summary>Written, zeroed or flushed.</summary>
public sealed record RangeDone : RangeReply
{
    /// <summary>All alike: it says nothing but that.</summary>
    public static RangeDone Instance { get; } = new();
}

/// <summary>
/// From the offset asked for, in order, without gaps; may end before the range does, never empty.
/// </summary>
public sealed record RangeExtents(IReadOnlyList<DiskExtent> Extents) : RangeReply;

/// <summary>The request failed with this errno; nothing is known of the bytes of a failed write.</summary>
public sealed record RangeFailed(int Errno, string Reason) : RangeReply;
