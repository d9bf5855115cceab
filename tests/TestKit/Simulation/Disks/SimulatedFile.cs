using Replication.Actors.Disk;

namespace Replication.TestKit.Simulation.Disks;

/// <summary>
/// One file: what has reached the disk, and over it the pages that only the cache holds. A page that is null
/// is a hole. Ranges are checked by the device.
/// </summary>
internal sealed class SimulatedFile(long lengthBytes)
{
    internal const int PageBytes = 4096;
    internal const int SectorBytes = 512;

    private readonly SortedDictionary<long, CachedPage> _cached = [];
    private readonly Dictionary<long, byte[]?> _durable = [];
    private HashSet<long>? _doubtful;

    /// <summary>A number for the newest change; each change has a larger one.</summary>
    internal long LastChange { get; private set; }

    internal long LengthBytes { get; } = lengthBytes;

    /// <summary>The device that holds the lock; null when the file is closed.</summary>
    internal SimulatedBlockDevice? OpenedBy { get; set; }

    /// <summary>Pages that differ, or may differ, from what is durable.</summary>
    internal int UnsyncedPageCount => _cached.Count;

    /// <summary>
    /// Pages that were in the cache when the disk first lied about a sync, and all that changed since: what
    /// is durable of them only the simulation knows.
    /// </summary>
    internal IEnumerable<long> DoubtfulPages => _doubtful?.Order() ?? Enumerable.Empty<long>();

    /// <summary>The disk has lied about a sync: from now on pages are doubtful.</summary>
    internal void BeginDoubt() => _doubtful ??= [.. _cached.Keys];

    internal void Read(long offset, Span<byte> into, bool durableOnly = false)
    {
        foreach ((long page, int at, int length, int done) in Pieces(offset, into.Length))
        {
            byte[]? content = durableOnly ? _durable.GetValueOrDefault(page) : Page(page);
            Span<byte> piece = into.Slice(done, length);
            if (content is null)
            {
                piece.Clear();
            }
            else
            {
                content.AsSpan(at, length).CopyTo(piece);
            }
        }
    }

    /// <summary>Pages that the range would newly allocate.</summary>
    internal int CountHoles(long offset, long length) =>
        Pieces(offset, length).Count(piece => Page(piece.Page) is null);

    internal void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        foreach ((long page, int at, int length, int done) in Pieces(offset, bytes.Length))
        {
            bytes.Slice(done, length).CopyTo(PageToChange(page).AsSpan(at, length));
        }
    }

    internal void WriteZeroes(long offset, long length)
    {
        foreach ((long page, int at, int count, int _) in Pieces(offset, length))
        {
            PageToChange(page).AsSpan(at, count).Clear();
        }
    }

    /// <summary>Frees whole pages and zeroes the rest; returns how many pages became holes.</summary>
    internal int Punch(long offset, long length)
    {
        int freed = 0;
        foreach ((long page, int at, int count, int _) in Pieces(offset, length))
        {
            if (Page(page) is null)
            {
                continue;
            }

            if (count == PageBytes)
            {
                _cached[page] = Changed(page, content: null);
                freed++;
            }
            else
            {
                PageToChange(page).AsSpan(at, count).Clear();
            }
        }

        return freed;
    }

    internal List<DiskExtent> Extents(long offset, long length)
    {
        List<DiskExtent> extents = [];
        foreach ((long page, int at, int count, int _) in Pieces(offset, length))
        {
            bool isHole = Page(page) is null;
            if (extents.Count > 0 && extents[^1].IsHole == isHole)
            {
                DiskExtent last = extents[^1];
                extents[^1] = last with { LengthBytes = last.LengthBytes + count };
            }
            else
            {
                extents.Add(new DiskExtent((page * PageBytes) + at, count, isHole));
            }
        }

        return extents;
    }

    /// <summary>
    /// What changed up to <paramref name="lastChange"/> reaches the disk; of later changes the seed picks
    /// some.
    /// </summary>
    internal void Sync(long lastChange, SeededIdSource random)
    {
        foreach ((long page, CachedPage cached) in _cached.ToArray())
        {
            if (cached.FirstChange <= lastChange || random.Chance(0.5))
            {
                _durable[page] = cached.Content;
                _cached.Remove(page);
            }
        }
    }

    /// <summary>
    /// As Linux: after a failed sync the pages count as clean, and no later sync writes them. Some may have
    /// reached the disk; the device drops the others, so that reads tell what the disk has.
    /// </summary>
    internal void FailSync(SeededIdSource random)
    {
        foreach ((long page, CachedPage cached) in _cached.ToArray())
        {
            if (random.Chance(0.5))
            {
                _durable[page] = cached.Content;
            }

            _cached.Remove(page);
        }
    }

    /// <summary>
    /// The power goes: the cache is gone, and the seed says how much of it the disk had taken.
    /// </summary>
    internal void LosePower(DiskCrashPolicy policy, SeededIdSource random)
    {
        foreach ((long page, CachedPage cached) in _cached)
        {
            if (policy == DiskCrashPolicy.LoseUnsynced)
            {
                continue;
            }

            int fate = random.NextInt(policy == DiskCrashPolicy.TearPages ? 3 : 2);
            if (fate == 0)
            {
                _durable[page] = cached.Content;
            }
            else if (fate == 2)
            {
                _durable[page] = Torn(_durable.GetValueOrDefault(page), cached.Content, random);
            }
        }

        _cached.Clear();
    }

    /// <summary>Changes bytes below the cache and in it alike, as rot that every later read sees.</summary>
    internal void ChangeAtRest(long offset, ReadOnlySpan<byte> bytes)
    {
        foreach ((long page, int at, int length, int done) in Pieces(offset, bytes.Length))
        {
            byte[] durable = _durable.GetValueOrDefault(page) ?? new byte[PageBytes];
            _durable[page] = durable;
            bytes.Slice(done, length).CopyTo(durable.AsSpan(at, length));
            if (_cached.TryGetValue(page, out CachedPage cached))
            {
                byte[] content = cached.Content ?? new byte[PageBytes];
                _cached[page] = cached with { Content = content };
                bytes.Slice(done, length).CopyTo(content.AsSpan(at, length));
            }
        }
    }

    internal long CountAllocated() =>
        _cached.Count(static entry => entry.Value.Content is not null)
        + _durable.Count(entry => entry.Value is not null && !_cached.ContainsKey(entry.Key));

    private static byte[] Torn(byte[]? before, byte[]? after, SeededIdSource random)
    {
        byte[] torn = (byte[]?)before?.Clone() ?? new byte[PageBytes];
        for (int sector = 0; sector < PageBytes; sector += SectorBytes)
        {
            if (random.Chance(0.5))
            {
                (after ?? new byte[PageBytes]).AsSpan(sector, SectorBytes).CopyTo(torn.AsSpan(sector));
            }
        }

        return torn;
    }

    private static IEnumerable<(long Page, int At, int Length, int Done)> Pieces(long offset, long length)
    {
        for (long done = 0; done < length;)
        {
            int at = (int)((offset + done) % PageBytes);
            int count = (int)Math.Min(PageBytes - at, length - done);
            yield return ((offset + done) / PageBytes, at, count, (int)done);
            done += count;
        }
    }

    private byte[]? Page(long page) =>
        _cached.TryGetValue(page, out CachedPage cached) ? cached.Content : _durable.GetValueOrDefault(page);

    private byte[] PageToChange(long page)
    {
        // A page that is cached is the cache's own copy; one that is durable only is copied before it
        // changes.
        byte[] content = _cached.TryGetValue(page, out CachedPage cached) && cached.Content is { } own
            ? own
            : (byte[]?)Page(page)?.Clone() ?? new byte[PageBytes];
        _cached[page] = Changed(page, content);
        return content;
    }

    private CachedPage Changed(long page, byte[]? content)
    {
        LastChange++;
        _doubtful?.Add(page);
        return _cached.TryGetValue(page, out CachedPage before)
            ? before with { Content = content }
            : new CachedPage(content, FirstChange: LastChange);
    }

    /// <param name="Content">Null: a hole.</param>
    /// <param name="FirstChange">The first change since the page was last durable.</param>
    private readonly record struct CachedPage(byte[]? Content, long FirstChange);
}
