namespace Replication.ReplicaNode.Tests.Crash;

/// <summary>Something that happened to a file, in the order in which it happened.</summary>
internal abstract record DiskEvent(string Path);

/// <summary>A process opened the file: what is on the disk, and what the cache has.</summary>
internal sealed record FileOpened(string Path, SparseFile Durable, SparseFile Cached) : DiskEvent(Path);

internal sealed record WriteBegun(string Path, int Id, long OffsetBytes, byte[] Content) : DiskEvent(Path);

internal sealed record WriteEnded(string Path, int Id) : DiskEvent(Path);

internal sealed record SyncBegun(string Path, int Id) : DiskEvent(Path);

internal sealed record SyncEnded(string Path, int Id, bool Succeeded) : DiskEvent(Path);

/// <summary>How much of what was written and not synced a power loss leaves.</summary>
internal enum Leaves
{
    Nothing,
    Everything,
    SomeSectors,
}

/// <summary>
/// What the files would hold if the power went now: goes through a log event by event. A write that had ended
/// before a successful sync began is there; of every other that had begun, any sectors may be.
/// </summary>
internal sealed class DiskReplay
{
    private readonly SortedDictionary<string, ReplayedFile> _files = new(StringComparer.Ordinal);

    /// <summary>Raw file and sidecar have been opened.</summary>
    internal bool HasBoth => _files.Count == 2;

    internal void Play(DiskEvent one)
    {
        if (one is FileOpened opened)
        {
            _files[one.Path] = new ReplayedFile(opened);
        }
        else
        {
            _files[one.Path].Play(one);
        }
    }

    /// <summary>The files after a power loss.</summary>
    internal SortedDictionary<string, SparseFile> Crash(Leaves leaves, Random random)
    {
        SortedDictionary<string, SparseFile> files = new(StringComparer.Ordinal);
        foreach ((string path, ReplayedFile file) in _files)
        {
            files.Add(path, file.Crash(leaves, random));
        }

        return files;
    }

    private sealed class ReplayedFile
    {
        private readonly SparseFile _durable;

        // In order of taking effect; those that have not ended come last.
        private readonly List<WriteBegun> _ended = [];
        private readonly List<WriteBegun> _underWay = [];
        private readonly Dictionary<int, WriteBegun[]> _syncs = [];

        internal ReplayedFile(FileOpened opened)
        {
            _durable = opened.Durable.Clone();
            foreach (long page in opened.Cached.PagesThatDifferFrom(opened.Durable))
            {
                long at = page * SparseFile.PageBytes;
                byte[] content = opened.Cached.Read(at, SparseFile.PageBytes).ToArray();
                _ended.Add(new WriteBegun(opened.Path, Id: 0, at, content));
            }
        }

        internal void Play(DiskEvent one)
        {
            switch (one)
            {
                case WriteBegun write:
                    _underWay.Add(write);
                    break;
                case WriteEnded ended:
                    WriteBegun begun = _underWay.Find(write => write.Id == ended.Id)!;
                    _underWay.Remove(begun);
                    _ended.Add(begun);
                    break;
                case SyncBegun sync:
                    _syncs.Add(sync.Id, [.. _ended]);
                    break;
                case SyncEnded { Succeeded: true } sync:
                    // The first of them, for syncs of one file never run beside each other.
                    _ended.RemoveRange(0, _syncs[sync.Id].Length);
                    foreach (WriteBegun write in _syncs[sync.Id])
                    {
                        _durable.Write(write.OffsetBytes, write.Content);
                    }

                    _syncs.Remove(sync.Id);

                    break;
            }
        }

        internal SparseFile Crash(Leaves leaves, Random random)
        {
            SparseFile file = _durable.Clone();
            foreach (WriteBegun write in _ended.Concat(_underWay))
            {
                if (leaves == Leaves.Nothing)
                {
                    continue;
                }

                bool isWhole = leaves == Leaves.Everything || random.Next(3) == 0;
                bool isLost = !isWhole && random.Next(2) == 0;
                for (int at = 0; !isLost && at < write.Content.Length; at += SparseFile.SectorBytes)
                {
                    int count = Math.Min(SparseFile.SectorBytes, write.Content.Length - at);
                    if (isWhole || random.Next(2) == 0)
                    {
                        file.Write(write.OffsetBytes + at, write.Content.AsSpan(at, count));
                    }
                }
            }

            return file;
        }
    }
}
