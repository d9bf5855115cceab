namespace Replication.ReplicaNode.Tests.Crash;

/// <summary>A file's pages that are not zero.</summary>
internal sealed class SparseFile
{
    internal const int PageBytes = 4096;
    internal const int SectorBytes = 512;

    private readonly SortedDictionary<long, byte[]> _pages = [];

    internal IEnumerable<KeyValuePair<long, byte[]>> Pages => _pages;

    internal static SparseFile Of(ReadOnlySpan<byte> content)
    {
        SparseFile file = new();
        for (int at = 0; at < content.Length; at += PageBytes)
        {
            ReadOnlySpan<byte> page = content[at..Math.Min(content.Length, at + PageBytes)];
            if (page.ContainsAnyExcept((byte)0))
            {
                file.Write(at, page);
            }
        }

        return file;
    }

    internal IEnumerable<long> PagesThatDifferFrom(SparseFile other) => _pages.Keys
        .Union(other._pages.Keys)
        .Order()
        .Where(page => !PageOf(page).SequenceEqual(other.PageOf(page)));

    internal SparseFile Clone()
    {
        SparseFile clone = new();
        foreach ((long page, byte[] content) in _pages)
        {
            clone._pages.Add(page, (byte[])content.Clone());
        }

        return clone;
    }

    internal void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        for (int done = 0; done < bytes.Length;)
        {
            (long page, int at) = ((offset + done) / PageBytes, (int)((offset + done) % PageBytes));
            int count = Math.Min(PageBytes - at, bytes.Length - done);
            if (!_pages.TryGetValue(page, out byte[]? content))
            {
                _pages[page] = content = new byte[PageBytes];
            }

            bytes.Slice(done, count).CopyTo(content.AsSpan(at));
            done += count;
        }
    }

    private ReadOnlySpan<byte> PageOf(long page) => Read(page * PageBytes, PageBytes);

    /// <summary>Bytes within one page.</summary>
    internal ReadOnlySpan<byte> Read(long offset, int length) =>
        _pages.TryGetValue(offset / PageBytes, out byte[]? content)
            ? content.AsSpan((int)(offset % PageBytes), length)
            : new byte[length];
}
