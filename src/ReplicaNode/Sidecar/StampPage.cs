using System.Buffers.Binary;

namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// A page of 4 KiB with the stamps of the 448 regions of seven whole zones (P6), in order, behind its frame.
/// </summary>
internal static class StampPage
{
    internal const uint Magic = 0x504D_5453; // "STMP"

    internal const int StampsOffsetBytes =
        SidecarLayout.PageBytes - (SidecarLayout.RegionsPerStampPage * sizeof(ulong));

    /// <summary>Writes a page; <paramref name="stamps"/> is empty for a page of zeroes only.</summary>
    internal static void Encode(Span<byte> page, int number, Guid replicaId, ReadOnlySpan<ulong> stamps)
    {
        page.Clear();
        for (int i = 0; i < stamps.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(page[StampOffset(i)..], stamps[i]);
        }

        PageFrame.Seal(page, Magic, number, replicaId);
    }

    /// <summary>Takes the stamps out of a page; they count only when it is valid.</summary>
    internal static PageState Decode(ReadOnlySpan<byte> page, int number, Guid replicaId, Span<ulong> stamps)
    {
        PageState state = PageFrame.Inspect(page, Magic, number, replicaId);
        if (state == PageState.Valid)
        {
            for (int i = 0; i < SidecarLayout.RegionsPerStampPage; i++)
            {
                stamps[i] = BinaryPrimitives.ReadUInt64LittleEndian(page[StampOffset(i)..]);
            }
        }

        return state;
    }

    private static int StampOffset(int index) => StampsOffsetBytes + (index * sizeof(ulong));
}
