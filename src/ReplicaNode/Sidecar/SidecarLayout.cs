namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// Where everything lies in a sidecar (docs/sidecar.md): two header slots, then groups, each a page of hot
/// marks and up to 512 stamp pages. All of it follows from the volume's size, and a larger volume only
/// appends (P23).
/// </summary>
internal sealed class SidecarLayout
{
    internal const int PageBytes = 4096;
    internal const int HeaderSlotBytes = 64 * 1024;
    internal const int HeaderSlotCount = 2;
    internal const int RegionBytes = 64 * 1024;
    internal const int RegionsPerZone = 64;
    internal const long ZoneBytes = (long)RegionBytes * RegionsPerZone;
    internal const int ZonesPerStampPage = 7;
    internal const int RegionsPerStampPage = RegionsPerZone * ZonesPerStampPage;
    internal const int StampPagesPerGroup = 512;
    internal const int HotSectorBytes = 512;
    internal const int HotSectorsPerGroup = PageBytes / HotSectorBytes;
    internal const int ZonesPerHotSector = ZonesPerStampPage * StampPagesPerGroup / HotSectorsPerGroup;

    /// <summary>
    /// The largest volume a sidecar is made for: its in-memory tables stay below 20 MiB while unwritten.
    /// </summary>
    internal const long SizeMaxBytes = 1L << 46;

    private const long GroupsOffsetBytes = HeaderSlotCount * HeaderSlotBytes;
    private const long GroupBytes = (1L + StampPagesPerGroup) * PageBytes;

    /// <summary>The layout for a volume of that many bytes, 1 to <see cref="SizeMaxBytes"/>.</summary>
    internal SidecarLayout(long sizeBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sizeBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sizeBytes, SizeMaxBytes);
        RegionCount = Ceiling(sizeBytes, RegionBytes);
        ZoneCount = (int)Ceiling(sizeBytes, ZoneBytes);
        StampPageCount = (int)Ceiling(ZoneCount, ZonesPerStampPage);
        GroupCount = (int)Ceiling(StampPageCount, StampPagesPerGroup);
        HotSectorCount = GroupCount * HotSectorsPerGroup;
        FileBytes = GroupsOffsetBytes + ((long)(GroupCount + StampPageCount) * PageBytes);
    }

    internal long RegionCount { get; }

    internal int ZoneCount { get; }

    internal int StampPageCount { get; }

    internal int GroupCount { get; }

    internal int HotSectorCount { get; }

    /// <summary>The least length of the file.</summary>
    internal long FileBytes { get; }

    /// <summary>Where a header slot, 0 or 1, starts.</summary>
    internal static long HeaderOffset(int slot) => (long)slot * HeaderSlotBytes;

    internal static long StampPageOffset(int page) =>
        GroupOffset(page / StampPagesPerGroup) + ((1L + (page % StampPagesPerGroup)) * PageBytes);

    internal static long HotSectorOffset(int sector) =>
        GroupOffset(sector / HotSectorsPerGroup) + ((long)(sector % HotSectorsPerGroup) * HotSectorBytes);

    private static long GroupOffset(int group) => GroupsOffsetBytes + (group * GroupBytes);

    private static long Ceiling(long value, long unit) => ((value - 1) / unit) + 1;
}
