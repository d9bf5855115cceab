using System.Buffers.Binary;
using Replication.Messages.Digests;

namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// The 64 bytes in front of every stamp page and hot sector: checksum of all that follows, magic number,
/// format version, its own number and the replica's id, so that a page that landed in the wrong place or
/// file is found out. All numbers are little-endian.
/// </summary>
internal static class PageFrame
{
    internal const int LengthBytes = 64;
    internal const ushort Version = 1;

    private const int MagicOffset = 8;
    private const int VersionOffset = 12;
    private const int NumberOffset = 16;
    private const int ReplicaOffset = 24;

    /// <summary>
    /// Fills the frame of a page whose content is in place; what the content does not use must be zero.
    /// </summary>
    internal static void Seal(Span<byte> page, uint magic, long number, Guid replicaId)
    {
        page[..LengthBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(page[MagicOffset..], magic);
        BinaryPrimitives.WriteUInt16LittleEndian(page[VersionOffset..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(page[NumberOffset..], number);
        replicaId.TryWriteBytes(page[ReplicaOffset..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt64LittleEndian(page, Checksum64.Compute(page[Checksum64.LengthBytes..]));
    }

    /// <summary>What a page is that should have been sealed with these.</summary>
    internal static PageState Inspect(ReadOnlySpan<byte> page, uint magic, long number, Guid replicaId)
    {
        ulong checksum = BinaryPrimitives.ReadUInt64LittleEndian(page);
        if (checksum != Checksum64.Compute(page[Checksum64.LengthBytes..])
            || BinaryPrimitives.ReadUInt32LittleEndian(page[MagicOffset..]) != magic)
        {
            return PageState.Damaged;
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(page[VersionOffset..]) != Version)
        {
            return PageState.UnknownVersion;
        }

        bool isOurs = BinaryPrimitives.ReadInt64LittleEndian(page[NumberOffset..]) == number
            && new Guid(page.Slice(ReplicaOffset, 16), bigEndian: true) == replicaId;
        return isOurs ? PageState.Valid : PageState.Foreign;
    }
}
