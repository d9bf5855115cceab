using System.Buffers.Binary;
using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// What a replica knows of itself and of its volume (P5). Written whole to one of two slots in turn: a
/// write that is torn, or never lands, leaves the other slot, which is at most one change older.
/// </summary>
internal sealed record SidecarHeader
{
    internal const int FieldsBytes = 512;
    internal const uint Version = 1;

    private const ulong Magic = 0x5241_4344_4953_5052; // "RPSIDCAR"
    private const int MagicOffset = 8;
    private const int VersionOffset = 16;
    private const int RecordLengthOffset = 20;
    private const int SequenceOffset = 24;
    private const int VolumeOffset = 32;
    private const int ReplicaOffset = 48;
    private const int SizeOffset = 64;
    private const int FenceOffset = 72;
    private const int FlagsOffset = 76;
    private const int CleanOffset = 80;
    private const int SerialOffset = 88;
    private const uint ClosedCleanlyFlag = 1;
    private const uint ClosedContinuousFlag = 2;
    private const uint IncompleteFlag = 4;

    /// <summary>Rises with every write of the header: of two valid slots the higher one counts.</summary>
    internal ulong Sequence { get; init; }

    internal required Guid VolumeId { get; init; }

    internal required Guid ReplicaId { get; init; }

    /// <summary>The volume's size.</summary>
    internal required long SizeBytes { get; init; }

    /// <summary>The highest epoch accepted: what is lower is refused, after a restart too (P9, I3).</summary>
    internal uint FenceEpoch { get; init; }

    /// <summary>Every write stamped at or below is on the disk (P16).</summary>
    internal ulong Clean { get; init; }

    /// <summary>The owner closed the replica, everything was synced, and nothing was opened since.</summary>
    internal bool ClosedCleanly { get; init; }

    /// <summary>The replica was continuous when it was closed (P9).</summary>
    internal bool ClosedContinuous { get; init; }

    /// <summary>
    /// The sidecar or a part of the raw file was lost once (P5): acknowledged writes may be missing, and the
    /// replica has no vote until all of it was copied anew. Opening it again does not change that.
    /// </summary>
    internal bool Incomplete { get; init; }

    /// <summary>The serial of <see cref="Record"/>; 0 when there is none.</summary>
    internal long Serial { get; init; }

    /// <summary>The copy of the volume's record (P4), as the owner encoded it.</summary>
    internal ReadOnlyMemory<byte> Record { get; init; }

    /// <summary>Bytes that <see cref="Encode"/> fills: whole pages.</summary>
    internal int EncodedBytes
    {
        get
        {
            const int Mask = SidecarLayout.PageBytes - 1;
            return (FieldsBytes + Record.Length + Mask) & ~Mask;
        }
    }

    /// <summary>The header of a replica of which nothing more is known: clean is 0 (P5).</summary>
    internal static SidecarHeader For(ReplicaIdentity identity) => new()
    {
        VolumeId = identity.VolumeId,
        ReplicaId = identity.ReplicaId,
        SizeBytes = identity.SizeBytes,
    };

    /// <summary>Writes the header to the first <see cref="EncodedBytes"/> of a slot's buffer.</summary>
    internal void Encode(Span<byte> slot)
    {
        if (Record.Length > StoreReplicaRecord.LengthMaxBytes)
        {
            throw new InvalidOperationException($"a record of {Record.Length} bytes does not fit a slot");
        }

        Span<byte> all = slot[..EncodedBytes];
        all.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(all[MagicOffset..], Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(all[VersionOffset..], Version);
        BinaryPrimitives.WriteInt32LittleEndian(all[RecordLengthOffset..], Record.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(all[SequenceOffset..], Sequence);
        VolumeId.TryWriteBytes(all[VolumeOffset..], bigEndian: true, out _);
        ReplicaId.TryWriteBytes(all[ReplicaOffset..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(all[SizeOffset..], SizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(all[FenceOffset..], FenceEpoch);
        uint flags = (ClosedCleanly ? ClosedCleanlyFlag : 0)
            | (ClosedContinuous ? ClosedContinuousFlag : 0)
            | (Incomplete ? IncompleteFlag : 0);
        BinaryPrimitives.WriteUInt32LittleEndian(all[FlagsOffset..], flags);
        BinaryPrimitives.WriteUInt64LittleEndian(all[CleanOffset..], Clean);
        BinaryPrimitives.WriteInt64LittleEndian(all[SerialOffset..], Serial);
        Record.Span.CopyTo(all[FieldsBytes..]);
        ulong checksum = Checksum64.Compute(all[Checksum64.LengthBytes..(FieldsBytes + Record.Length)]);
        BinaryPrimitives.WriteUInt64LittleEndian(all, checksum);
    }

    /// <summary>Reads a slot; the header is null unless it is valid. Copies the record.</summary>
    internal static PageState Decode(ReadOnlySpan<byte> slot, out SidecarHeader? header)
    {
        header = null;
        if (slot.Length < FieldsBytes
            || BinaryPrimitives.ReadUInt64LittleEndian(slot[MagicOffset..]) != Magic)
        {
            return PageState.Damaged;
        }

        int recordBytes = BinaryPrimitives.ReadInt32LittleEndian(slot[RecordLengthOffset..]);
        int roomBytes = Math.Min(StoreReplicaRecord.LengthMaxBytes, slot.Length - FieldsBytes);
        if (recordBytes < 0 || recordBytes > roomBytes)
        {
            return PageState.Damaged;
        }

        ReadOnlySpan<byte> summed = slot[Checksum64.LengthBytes..(FieldsBytes + recordBytes)];
        if (BinaryPrimitives.ReadUInt64LittleEndian(slot) != Checksum64.Compute(summed))
        {
            return PageState.Damaged;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(slot[VersionOffset..]) != Version)
        {
            return PageState.UnknownVersion;
        }

        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(slot[FlagsOffset..]);
        header = new SidecarHeader
        {
            Sequence = BinaryPrimitives.ReadUInt64LittleEndian(slot[SequenceOffset..]),
            VolumeId = new Guid(slot.Slice(VolumeOffset, 16), bigEndian: true),
            ReplicaId = new Guid(slot.Slice(ReplicaOffset, 16), bigEndian: true),
            SizeBytes = BinaryPrimitives.ReadInt64LittleEndian(slot[SizeOffset..]),
            FenceEpoch = BinaryPrimitives.ReadUInt32LittleEndian(slot[FenceOffset..]),
            ClosedCleanly = (flags & ClosedCleanlyFlag) != 0,
            ClosedContinuous = (flags & ClosedContinuousFlag) != 0,
            Incomplete = (flags & IncompleteFlag) != 0,
            Clean = BinaryPrimitives.ReadUInt64LittleEndian(slot[CleanOffset..]),
            Serial = BinaryPrimitives.ReadInt64LittleEndian(slot[SerialOffset..]),
            Record = slot.Slice(FieldsBytes, recordBytes).ToArray(),
        };
        bool isPossible = header.SizeBytes is > 0 and <= SidecarLayout.SizeMaxBytes;
        return isPossible ? PageState.Valid : PageState.Damaged;
    }
}
