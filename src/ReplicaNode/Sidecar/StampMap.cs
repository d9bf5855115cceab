namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// The largest stamp of every region (P6), in memory, a page's worth at a time and only where one was ever
/// written; and which pages the disk does not have yet.
/// </summary>
internal sealed class StampMap(SidecarLayout layout)
{
    private readonly ulong[]?[] _pages = new ulong[layout.StampPageCount][];

    /// <summary>Pages that a flush has to write.</summary>
    internal DirtySet Dirty { get; } = new(layout.StampPageCount);

    /// <summary>The stamp of a region, 0 when it was never written.</summary>
    internal ulong Of(long region)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(region, layout.RegionCount);
        ulong[]? stamps = _pages[region / SidecarLayout.RegionsPerStampPage];
        return stamps is null ? 0 : stamps[region % SidecarLayout.RegionsPerStampPage];
    }

    /// <summary>
    /// Gives every region that the range touches at least this stamp. The range lies in the volume.
    /// </summary>
    internal void Raise(long offsetBytes, long lengthBytes, ulong stamp)
    {
        long last = (offsetBytes + lengthBytes - 1) / SidecarLayout.RegionBytes;
        for (long region = offsetBytes / SidecarLayout.RegionBytes; region <= last; region++)
        {
            int page = (int)(region / SidecarLayout.RegionsPerStampPage);
            ulong[] stamps = _pages[page] ??= new ulong[SidecarLayout.RegionsPerStampPage];
            ref ulong known = ref stamps[region % SidecarLayout.RegionsPerStampPage];
            if (stamp > known)
            {
                known = stamp;
                Dirty.Add(page);
            }
        }
    }

    /// <summary>The stamps of a page, empty when all are zero.</summary>
    internal ReadOnlySpan<ulong> Page(int page) => _pages[page];

    /// <summary>Takes over what was read from the disk.</summary>
    internal void Load(int page, ReadOnlySpan<ulong> stamps) =>
        _pages[page] = stamps.ContainsAnyExcept(0UL) ? stamps.ToArray() : null;
}
