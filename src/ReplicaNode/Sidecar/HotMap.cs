using System.Runtime.InteropServices;

namespace Replication.ReplicaNode.Sidecar;

/// <summary>
/// The hot marks of all zones (P7): which zones are marked, which marks the disk has for certain, and which
/// come from an earlier life. A mark is <em>own</em> when a change of this life set it and <em>inherited</em>
/// when it was found on the disk, or stands for damage, or the incarnation that set it has ended.
/// </summary>
internal sealed class HotMap(SidecarLayout layout)
{
    private readonly ZoneBits _marks = new(layout.HotSectorCount * HotSector.WordCount);
    private readonly ZoneBits _durable = new(layout.HotSectorCount * HotSector.WordCount);
    private readonly ZoneBits _inherited = new(layout.HotSectorCount * HotSector.WordCount);

    // What the round under way writes: sector by sector, with the words it was given.
    private readonly List<int> _writtenSectors = [];
    private readonly List<ulong> _writtenWords = [];

    /// <summary>Sectors that differ from the disk: marks to come, or marks that may go.</summary>
    internal DirtySet Dirty { get; } = new(layout.HotSectorCount);

    /// <summary>Zones of the volume that are hot.</summary>
    internal int Count => _marks.Count;

    /// <summary>Marks that changes of this life set: what is bounded (P7).</summary>
    internal int OwnCount => _marks.Count - _inherited.Count;

    internal bool IsHot(int zone) => _marks.Has(zone);

    internal bool IsInherited(int zone) => _inherited.Has(zone);

    /// <summary>
    /// The zone is marked, and its mark is on the disk whatever happens: data may be written.
    /// </summary>
    internal bool IsDurable(int zone) => _marks.Has(zone) && _durable.Has(zone);

    /// <summary>The first hot zone from this one on, −1 for none.</summary>
    internal int NextFrom(int zone) => _marks.NextFrom(zone);

    /// <summary>Marks a zone of the volume for a change of this life.</summary>
    internal void Mark(int zone)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(zone, layout.ZoneCount);
        if (_marks.Set(zone))
        {
            Dirty.Add(zone / SidecarLayout.ZonesPerHotSector);
        }
    }

    /// <summary>
    /// Clears a mark, in memory; the disk follows with the next round, and until that begins the zone can be
    /// marked again at no cost.
    /// </summary>
    internal void Clear(int zone)
    {
        if (_marks.Clear(zone))
        {
            _inherited.Clear(zone);
            Dirty.Add(zone / SidecarLayout.ZonesPerHotSector);
        }
    }

    /// <summary>This life has ended: every mark is from an earlier one.</summary>
    internal void InheritAll()
    {
        for (int zone = NextFrom(0); zone >= 0; zone = NextFrom(zone + 1))
        {
            _inherited.Set(zone);
        }
    }

    /// <summary>Marks the seven zones whose stamps a page holds: its stamps are lost (P5).</summary>
    internal void MarkStampPage(int page)
    {
        int first = page * SidecarLayout.ZonesPerStampPage;
        int end = Math.Min(first + SidecarLayout.ZonesPerStampPage, layout.ZoneCount);
        for (int zone = first; zone < end; zone++)
        {
            Mark(zone);
            _inherited.Set(zone);
        }
    }

    /// <summary>
    /// Takes over what was read from the disk; marks of zones outside the volume are left out.
    /// </summary>
    /// <param name="sector">Number of the sector.</param>
    /// <param name="words">Its marks.</param>
    /// <param name="isOnDisk">False for a damaged sector, whose marks have yet to be written.</param>
    internal void Load(int sector, ReadOnlySpan<ulong> words, bool isOnDisk)
    {
        int first = sector * SidecarLayout.ZonesPerHotSector;
        int end = Math.Min(first + SidecarLayout.ZonesPerHotSector, layout.ZoneCount);
        for (int zone = first; zone < end; zone++)
        {
            int bit = zone - first;
            if ((words[bit / 64] & (1UL << (bit % 64))) == 0)
            {
                continue;
            }

            _marks.Set(zone);
            _inherited.Set(zone);
            if (isOnDisk)
            {
                _durable.Set(zone);
            }
        }

        if (!isOnDisk)
        {
            Dirty.Add(sector);
        }
    }

    /// <summary>
    /// The words of a sector, to be written now. From here on a mark that is not among them may be gone from
    /// the disk.
    /// </summary>
    internal ReadOnlySpan<ulong> BeginWrite(int sector)
    {
        ReadOnlySpan<ulong> words = _marks.Words(sector * HotSector.WordCount, HotSector.WordCount);
        _durable.Restrict(sector * HotSector.WordCount, words);
        _writtenSectors.Add(sector);
        _writtenWords.AddRange(words);
        return words;
    }

    /// <summary>
    /// The round has ended. Marks it wrote count once it was synced; after a failure those that were durable
    /// before still are, for both versions of the sector have them.
    /// </summary>
    internal void EndWrites(bool areDurable)
    {
        Span<ulong> words = CollectionsMarshal.AsSpan(_writtenWords);
        for (int i = 0; areDurable && i < _writtenSectors.Count; i++)
        {
            _durable.Include(
                _writtenSectors[i] * HotSector.WordCount,
                words.Slice(i * HotSector.WordCount, HotSector.WordCount));
        }

        _writtenSectors.Clear();
        _writtenWords.Clear();
    }
}
