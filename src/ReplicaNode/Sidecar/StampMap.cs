namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// The largest stamp of every region (P6), in memory, a page's worth at a time and only where one was ever
/// written; and which pages the disk does not have yet. A region whose page was lost has the stamp
/// <see cref="Unknown"/>, later than any, until it is given one again; the page is rewritten with it, so that
/// the loss outlives its hot mark.
/// </summary>
internal sealed class StampMap(SidecarLayout layout)
{
    /// <summary>The stamp of a region whose stamp was lost (P5).</summary>
    internal const ulong Unknown = ulong.MaxValue;

    // Shared by all pages that are lost as a whole: a large volume's lost sidecar costs no memory.
    private static readonly ulong[] LostPage = MakeLostPage();

    private readonly ulong[]?[] _pages = new ulong[layout.StampPageCount][];

    private bool _hasUnknown;

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
    /// Gives every region that the range touches at least this stamp. The range lies in the volume. A region
    /// whose stamp was lost takes any: whoever gives one knows the largest of the other copies (P6).
    /// </summary>
    internal void Raise(long offsetBytes, long lengthBytes, ulong stamp)
    {
        long last = (offsetBytes + lengthBytes - 1) / SidecarLayout.RegionBytes;
        for (long region = offsetBytes / SidecarLayout.RegionBytes; region <= last; region++)
        {
            int page = (int)(region / SidecarLayout.RegionsPerStampPage);
            int at = (int)(region % SidecarLayout.RegionsPerStampPage);
            ulong[] stamps = _pages[page] ??= new ulong[SidecarLayout.RegionsPerStampPage];
            if (stamp > stamps[at] || stamps[at] == Unknown)
            {
                if (ReferenceEquals(stamps, LostPage))
                {
                    stamps = _pages[page] = (ulong[])LostPage.Clone();
                }

                stamps[at] = stamp;
                Dirty.Add(page);
            }
        }
    }

    /// <summary>The largest stamp of a zone's regions.</summary>
    internal ulong LargestOfZone(int zone)
    {
        ulong[]? stamps = _pages[zone / SidecarLayout.ZonesPerStampPage];
        if (stamps is null)
        {
            return 0;
        }

        int first = zone % SidecarLayout.ZonesPerStampPage * SidecarLayout.RegionsPerZone;
        long left = layout.RegionCount - ((long)zone * SidecarLayout.RegionsPerZone);
        ulong largest = 0;
        foreach (ulong stamp in stamps.AsSpan(first, (int)Math.Min(SidecarLayout.RegionsPerZone, left)))
        {
            largest = Math.Max(largest, stamp);
        }

        return largest;
    }

    /// <summary>The stamps of a page, empty when all are zero.</summary>
    internal ReadOnlySpan<ulong> Page(int page) => _pages[page];

    /// <summary>Takes over what was read from the disk.</summary>
    internal void Load(int page, ReadOnlySpan<ulong> stamps)
    {
        if (!stamps.ContainsAnyExcept(Unknown))
        {
            Lose(page);
        }
        else
        {
            _pages[page] = stamps.ContainsAnyExcept(0UL) ? stamps.ToArray() : null;
            _hasUnknown |= stamps.Contains(Unknown);
        }
    }

    /// <summary>The stamps of a page could not be read.</summary>
    internal void Lose(int page)
    {
        _pages[page] = LostPage;
        _hasUnknown = true;
    }

    /// <summary>
    /// Regions whose stamp is still unknown when a replica that was copied to is promoted were never written
    /// on any other one: those that were have got its stamp with the copy (P6). Else their zones would be hot
    /// for ever.
    /// </summary>
    internal void SettleUnknown()
    {
        for (int page = 0; _hasUnknown && page < _pages.Length; page++)
        {
            if (_pages[page] is { } stamps && stamps.AsSpan().Contains(Unknown))
            {
                ulong[] known = (ulong[])stamps.Clone();
                known.AsSpan().Replace(Unknown, 0UL);
                _pages[page] = known;
                Dirty.Add(page);
            }
        }

        _hasUnknown = false;
    }

    private static ulong[] MakeLostPage()
    {
        ulong[] stamps = new ulong[SidecarLayout.RegionsPerStampPage];
        stamps.AsSpan().Fill(Unknown);
        return stamps;
    }
}
