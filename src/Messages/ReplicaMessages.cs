using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages.Digests;

namespace Replication.Messages;

/// <summary>
/// The fence that every request to a replica names (P8); another than the replica's own is refused.
/// </summary>
/// <param name="Epoch">The owner's epoch, 1 to 2^24 − 2.</param>
/// <param name="Session">Raised by the owner each time it opens this replica within its epoch; from
/// 1.</param>
/// <param name="Incarnation">What the replica answered to the open: one life of it.</param>
public readonly record struct ReplicaTicket(uint Epoch, uint Session, ulong Incarnation);

/// <summary>
/// A request to a replica. The tag comes back in the answer and means something to the asker only.
/// </summary>
public abstract record ReplicaRequest(int Tag, ReplicaTicket Ticket)
{
    /// <summary>
    /// The number of the volume's request that it is asked for (<see cref="RequestId"/>, whose epoch is the
    /// ticket's); 0 outside of one. Who asks sets it before the message is sent, and nobody afterwards.
    /// </summary>
    public ulong RequestNumber { get; set; }
}

/// <summary>An answer of a replica.</summary>
public abstract record ReplicaReply(int Tag);

/// <summary>What a read is to bring back.</summary>
public enum ReplicaReadMode : byte
{
    /// <summary>One digest of the whole range.</summary>
    Digest,

    /// <summary>The bytes; no digest, since the asker digests what it received.</summary>
    Data,

    /// <summary>
    /// One digest for each 4 KiB block that the range touches (blocks are cut at the range's ends).
    /// </summary>
    BlockDigests,
}

/// <summary>Reads a range: answered by <see cref="ReplicaRead"/> or <see cref="ReplicaFailed"/>.</summary>
public sealed record ReadReplica(
    int Tag,
    ReplicaTicket Ticket,
    long OffsetBytes,
    int LengthBytes,
    ReplicaReadMode Mode,
    DigestKind DigestKind)
    : ReplicaRequest(Tag, Ticket);

/// <summary>
/// What was read, by mode: a digest, the data (one reference of it is the receiver's), or block digests.
/// </summary>
public sealed record ReplicaRead(
    int Tag, Digest Digest, PooledBuffer? Data, IReadOnlyList<Digest>? BlockDigests)
    : ReplicaReply(Tag);

/// <summary>
/// Writes the payload, one reference of which goes with the message: answered by ReplicaDone or Failed.
/// </summary>
/// <param name="Tag">See <see cref="ReplicaRequest"/>.</param>
/// <param name="Ticket">See <see cref="ReplicaRequest"/>.</param>
/// <param name="Stamp">The write's stamp (P6): 24 bits of epoch, 40 of counter.</param>
/// <param name="LowWater">All writes stamped below are complete on every Synced child (P17).</param>
/// <param name="OffsetBytes">First byte.</param>
/// <param name="Payload">What to write.</param>
/// <param name="Fua">True: durable, stamps included, before the answer.</param>
public sealed record WriteReplica(
    int Tag,
    ReplicaTicket Ticket,
    ulong Stamp,
    ulong LowWater,
    long OffsetBytes,
    PooledBuffer Payload,
    bool Fua)
    : ReplicaRequest(Tag, Ticket);

/// <summary>How a range is made to read zero.</summary>
public enum ZeroMode : byte
{
    /// <summary>Blocks are freed where the file system can, else zeroes are written.</summary>
    MayPunch,

    /// <summary>Blocks stay, or become, allocated.</summary>
    KeepAllocated,
}

/// <summary>Makes a range read zero (write-zeroes and discard are the same to a replica, P15).</summary>
public sealed record ZeroReplica(
    int Tag,
    ReplicaTicket Ticket,
    ulong Stamp,
    ulong LowWater,
    long OffsetBytes,
    long LengthBytes,
    ZeroMode Mode,
    bool Fua)
    : ReplicaRequest(Tag, Ticket);

/// <summary>
/// Raises the stamps of every region that the range touches, without data: what was compared and found equal
/// counts as copied or reconciled from then on (P6, P18). Hot marks come first, as for a write (P7).
/// </summary>
/// <param name="Tag">See <see cref="ReplicaRequest"/>.</param>
/// <param name="Ticket">See <see cref="ReplicaRequest"/>.</param>
/// <param name="Stamp">Never lowers what is there.</param>
/// <param name="LowWater">See <see cref="WriteReplica"/>.</param>
/// <param name="OffsetBytes">First byte.</param>
/// <param name="LengthBytes">Bytes, from 1.</param>
public sealed record StampReplica(
    int Tag, ReplicaTicket Ticket, ulong Stamp, ulong LowWater, long OffsetBytes, long LengthBytes)
    : ReplicaRequest(Tag, Ticket);

/// <summary>
/// Asks for the regions that are later than a stamp, from one on (P20): answered by
/// <see cref="ReplicaRegions"/>.
/// </summary>
/// <param name="Tag">See <see cref="ReplicaRequest"/>.</param>
/// <param name="Ticket">See <see cref="ReplicaRequest"/>.</param>
/// <param name="After">Regions stamped above it, and those whose stamp is not known for sure.</param>
/// <param name="FirstRegion">Number of the first 64 KiB region to look at.</param>
public sealed record ListReplicaRegions(int Tag, ReplicaTicket Ticket, ulong After, long FirstRegion)
    : ReplicaRequest(Tag, Ticket);

/// <summary>A region and its largest stamp.</summary>
/// <param name="Region">Its number; region r begins at r × 64 KiB.</param>
/// <param name="Stamp">
/// <see cref="ulong.MaxValue"/> where a hot mark of an earlier life stands: hot is later than any stamp (P7).
/// </param>
public readonly record struct RegionStamp(long Region, ulong Stamp);

/// <summary>
/// The later regions, rising, at most <see cref="CountMax"/>; the answer covers all up to
/// <paramref name="NextRegion"/>.
/// </summary>
/// <param name="Tag">The request's tag.</param>
/// <param name="Regions">Those found.</param>
/// <param name="NextRegion">Where to go on; the number of regions of the volume at the end.</param>
public sealed record ReplicaRegions(int Tag, IReadOnlyList<RegionStamp> Regions, long NextRegion)
    : ReplicaReply(Tag)
{
    /// <summary>Most regions in one answer: 4,096 of them are 256 MiB of volume.</summary>
    public const int CountMax = 4096;
}

/// <summary>
/// The owner's takeover, promotion or opening of this replica is settled: it is continuous from now on (P9)
/// and a holder, knows its stamps, is complete, and its clean is raised to what is named (P21). Answered when
/// that stands in memory; the sidecar may lag behind, for a lower clean is only more to copy.
/// </summary>
public sealed record SettleReplica(int Tag, ReplicaTicket Ticket, ulong Clean) : ReplicaRequest(Tag, Ticket);

/// <summary>
/// Asks nothing but whether the replica still works for this ticket: it answers as soon as it gets this, and
/// so has accepted no later owner before (P14). The disk is not touched.
/// </summary>
public sealed record ConfirmReplica(int Tag, ReplicaTicket Ticket) : ReplicaRequest(Tag, Ticket);

/// <summary>
/// Makes everything answered before durable, data and sidecar, and clean = the checkpoint (P16). Ranges
/// stamped up to the checkpoint are not under way any more.
/// </summary>
public sealed record FlushReplica(int Tag, ReplicaTicket Ticket, ulong Checkpoint)
    : ReplicaRequest(Tag, Ticket);

/// <summary>Asks what is data and what is a hole: answered by <see cref="ReplicaExtents"/>.</summary>
public sealed record QueryReplicaExtents(int Tag, ReplicaTicket Ticket, long OffsetBytes, long LengthBytes)
    : ReplicaRequest(Tag, Ticket);

/// <summary>
/// The extents of the range asked for, in order and without gaps; at most <see cref="CountMax"/> of them.
/// </summary>
public sealed record ReplicaExtents(int Tag, IReadOnlyList<DiskExtent> Extents) : ReplicaReply(Tag)
{
    /// <summary>
    /// Most extents in one answer; the last one is cut short of the range when there are more.
    /// </summary>
    public const int CountMax = 4096;
}

/// <summary>Keeps a copy of the volume's record in the sidecar, durably (P4).</summary>
public sealed record StoreReplicaRecord(
    int Tag, ReplicaTicket Ticket, long Serial, ReadOnlyMemory<byte> Record)
    : ReplicaRequest(Tag, Ticket)
{
    /// <summary>Largest record a sidecar holds, in bytes.</summary>
    public const int LengthMaxBytes = 60 * 1024;
}

/// <summary>
/// Ends the session cleanly: what is unsynced is made durable, as by a flush with this checkpoint, and the
/// close is recorded; it counts as continuous (P9) when the replica is that and nothing is under way.
/// </summary>
public sealed record CloseReplica(int Tag, ReplicaTicket Ticket) : ReplicaRequest(Tag, Ticket)
{
    /// <summary>See <see cref="FlushReplica"/>; 0 claims nothing.</summary>
    public ulong Checkpoint { get; init; }
}

/// <summary>A write, zero, stamp, settle, confirmation, flush, record or close is done.</summary>
public sealed record ReplicaDone(int Tag) : ReplicaReply(Tag);

/// <summary>Why a replica did not do what it was asked.</summary>
public enum ReplicaRefusal : byte
{
    /// <summary>It tried, and the disk failed with the errno.</summary>
    DiskError,

    /// <summary>The sync failed: the incarnation is over (P12); the errno says why.</summary>
    SyncFailed,

    /// <summary>A higher epoch, or a higher session of the same epoch, has been accepted.</summary>
    StaleEpoch,

    /// <summary>The replica lives another life than the one named.</summary>
    WrongIncarnation,

    /// <summary>Volume or replica id is not the one that lies here.</summary>
    WrongReplica,

    /// <summary>There is no such volume on this node.</summary>
    UnknownVolume,

    /// <summary>The replica knows a higher serial of the record than the opener (P4).</summary>
    StaleSerial,

    /// <summary>The range is outside the volume, or a length is out of bounds.</summary>
    BadRequest,

    /// <summary>Another process holds the replica, or it exists already.</summary>
    Busy,
}

/// <summary>The request was not carried out, or a disk failed it half way.</summary>
/// <param name="Tag">The request's tag.</param>
/// <param name="Refusal">What kind of failure.</param>
/// <param name="Errno">Linux errno, never 0.</param>
/// <param name="Reason">A sentence for the log.</param>
public sealed record ReplicaFailed(int Tag, ReplicaRefusal Refusal, int Errno, string Reason)
    : ReplicaReply(Tag);
