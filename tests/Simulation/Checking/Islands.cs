using Replication.Messages;

namespace Replication.Simulation.Checking;

/// <summary>
/// Where in the volume the simulated clients work: four stretches of 64 KiB, over the boundary of two
/// regions, over the boundaries of zones, and at the volume's end, which is no whole block. The rest of the
/// volume stays zero. Sectors of the model are numbered through the islands.
/// </summary>
internal static class Islands
{
    internal const int SectorBytes = SectorContent.LengthBytes;
    internal const int Count = 4;
    internal const int SectorsEach = IslandBytes / SectorBytes;
    internal const int SectorCount = Count * SectorsEach;
    internal const long SizeBytes = (2 * ZoneBytes) + (160 << 10) + (3 * SectorBytes);

    private const int IslandBytes = 64 << 10;
    private const long ZoneBytes = 4 << 20;

    private static readonly long[] Starts =
    [
        IslandBytes / 2,
        ZoneBytes - (IslandBytes / 2),
        (2 * ZoneBytes) - (IslandBytes / 2),
        SizeBytes - IslandBytes,
    ];

    /// <summary>Where a sector of the model lies, in bytes of the volume.</summary>
    internal static long OffsetOf(int sector) =>
        Starts[sector / SectorsEach] + (long)(sector % SectorsEach * SectorBytes);

    /// <summary>Number of the 4 KiB block that a sector of the model lies in.</summary>
    internal static long BlockOf(int sector) => OffsetOf(sector) / RequestLimits.BlockLengthBytes;

    /// <summary>The sectors of the model in a range of the volume, with their offsets in it.</summary>
    internal static IEnumerable<(int Sector, int At)> SectorsIn(long offsetBytes, long lengthBytes)
    {
        for (int island = 0; island < Count; island++)
        {
            long from = Math.Max(offsetBytes, Starts[island]);
            long to = Math.Min(offsetBytes + lengthBytes, Starts[island] + IslandBytes);
            for (long at = RoundUp(from); at + SectorBytes <= to; at += SectorBytes)
            {
                int sector = (island * SectorsEach) + (int)((at - Starts[island]) / SectorBytes);
                yield return (sector, (int)(at - offsetBytes));
            }
        }
    }

    private static long RoundUp(long offset) => (offset + SectorBytes - 1) / SectorBytes * SectorBytes;
}
