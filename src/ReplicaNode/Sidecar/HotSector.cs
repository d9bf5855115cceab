using System.Buffers.Binary;

namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// A sector of 512 bytes, the unit disks write whole, with one hot mark for each of 448 zones (P7): bit i
/// of the bits behind the frame, counted from the least significant bit of the first byte. One that is not
/// valid means that all its zones are hot.
/// </summary>
internal static class HotSector
{
    internal const uint Magic = 0x4B54_4F48; // "HOTK"

    /// <summary>Marks are handled as words of 64 zones.</summary>
    internal const int WordCount = SidecarLayout.ZonesPerHotSector / 64;

    /// <summary>Writes a sector from <see cref="WordCount"/> words.</summary>
    internal static void Encode(Span<byte> sector, int number, Guid replicaId, ReadOnlySpan<ulong> words)
    {
        sector.Clear();
        for (int i = 0; i < WordCount; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(sector[WordOffset(i)..], words[i]);
        }

        PageFrame.Seal(sector, Magic, number, replicaId);
    }

    /// <summary>Takes the words out of a sector: all ones when it is not valid.</summary>
    internal static PageState Decode(ReadOnlySpan<byte> sector, int number, Guid replicaId, Span<ulong> words)
    {
        PageState state = PageFrame.Inspect(sector, Magic, number, replicaId);
        for (int i = 0; i < WordCount; i++)
        {
            words[i] = state == PageState.Valid
                ? BinaryPrimitives.ReadUInt64LittleEndian(sector[WordOffset(i)..])
                : ulong.MaxValue;
        }

        return state;
    }

    private static int WordOffset(int index) => PageFrame.LengthBytes + (index * sizeof(ulong));
}
