namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// The hot marks of all zones (P7), in memory, and which of their sectors the disk does not have yet.
/// </summary>
internal sealed class HotMap(SidecarLayout layout)
{
    private readonly ulong[] _words = new ulong[layout.HotSectorCount * HotSector.WordCount];

    /// <summary>Sectors that have to be written before the marks in them count.</summary>
    internal DirtySet Dirty { get; } = new(layout.HotSectorCount);

    /// <summary>Zones of the volume that are hot.</summary>
    internal int Count { get; private set; }

    internal bool IsHot(int zone) => (_words[zone / 64] & (1UL << (zone % 64))) != 0;

    /// <summary>Marks a zone; true when it was not hot before.</summary>
    internal bool Mark(int zone)
    {
        if (zone >= layout.ZoneCount || IsHot(zone))
        {
            return false;
        }

        _words[zone / 64] |= 1UL << (zone % 64);
        Count++;
        Dirty.Add(zone / SidecarLayout.ZonesPerHotSector);
        return true;
    }

    /// <summary>Clears a mark.</summary>
    internal void Clear(int zone)
    {
        if (IsHot(zone))
        {
            _words[zone / 64] &= ~(1UL << (zone % 64));
            Count--;
            Dirty.Add(zone / SidecarLayout.ZonesPerHotSector);
        }
    }

    /// <summary>Marks the seven zones whose stamps a page holds: its stamps are lost (P5).</summary>
    internal void MarkStampPage(int page)
    {
        for (int i = 0; i < SidecarLayout.ZonesPerStampPage; i++)
        {
            Mark((page * SidecarLayout.ZonesPerStampPage) + i);
        }
    }

    /// <summary>The words of a sector.</summary>
    internal ReadOnlySpan<ulong> Sector(int sector) =>
        _words.AsSpan(sector * HotSector.WordCount, HotSector.WordCount);

    /// <summary>
    /// Takes over what was read from the disk; marks of zones outside the volume are left out.
    /// </summary>
    internal void Load(int sector, ReadOnlySpan<ulong> words)
    {
        for (int i = 0; i < SidecarLayout.ZonesPerHotSector; i++)
        {
            int zone = (sector * SidecarLayout.ZonesPerHotSector) + i;
            if (zone < layout.ZoneCount && (words[i / 64] & (1UL << (i % 64))) != 0 && !IsHot(zone))
            {
                _words[zone / 64] |= 1UL << (zone % 64);
                Count++;
            }
        }
    }
}
