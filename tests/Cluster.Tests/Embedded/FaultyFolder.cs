using Replication.Cluster.Embedded.Journal;

namespace Replication.Cluster.Tests.Embedded;

/// <summary>
/// A folder in memory that keeps apart what was written and what was synced, fails on demand, and dies in the
/// middle of a write.
/// </summary>
internal sealed class FaultyFolder : IJournalFolder
{
    private readonly Lock _gate = new();
    private Dictionary<string, Content> _names = new(StringComparer.Ordinal);
    private Dictionary<string, Content> _durableNames = new(StringComparer.Ordinal);

    /// <summary>
    /// What is left to do before everything fails: a byte written counts 1, any other change 1.
    /// </summary>
    public long StepsUntilCrash { get; set; } = long.MaxValue;

    /// <summary>The most bytes that one write takes.</summary>
    public int WriteLengthMaxBytes { get; set; } = int.MaxValue;

    /// <summary>Called before each sync of a file; may throw or block.</summary>
    public Action BeforeFileSync { get; set; } = static () => { };

    /// <summary>Called before each sync of the folder; may throw.</summary>
    public Action BeforeFolderSync { get; set; } = static () => { };

    /// <summary>Called before each write; may throw.</summary>
    public Action BeforeWrite { get; set; } = static () => { };

    /// <summary>Syncs of files that succeeded.</summary>
    public int FileSyncs { get; private set; }

    /// <summary>Steps taken, in the unit of <see cref="StepsUntilCrash"/>.</summary>
    public long StepsTaken { get; private set; }

    public bool IsDisposed { get; private set; }

    public byte[] this[string name]
    {
        get => [.. _names[name].Written];
        set => _names[name] = _durableNames[name] =
            new Content { Written = [.. value], DurableCount = value.Length };
    }

    public byte[]? Read(string name) =>
        _names.TryGetValue(name, out Content? content) ? [.. content.Written] : null;

    public IJournalFile Create(string name)
    {
        Step(1);
        return new OpenFile(this, _names[name] = new Content());
    }

    public void Rename(string from, string to)
    {
        Step(1);
        _names.Remove(from, out Content? content);
        _names[to] = content!;
    }

    public void Sync()
    {
        BeforeFolderSync();
        Step(1);
        _durableNames = new Dictionary<string, Content>(_names, StringComparer.Ordinal);
    }

    public void Dispose() => IsDisposed = true;

    /// <summary>
    /// The folder as it may be found afterwards: names and bytes, each as written or as synced only.
    /// </summary>
    public FaultyFolder AfterCrash(bool namesAsSynced, bool bytesAsSynced)
    {
        var folder = new FaultyFolder();
        foreach ((string name, Content content) in namesAsSynced ? _durableNames : _names)
        {
            folder[name] = [.. content.Written.Take(bytesAsSynced ? content.DurableCount : int.MaxValue)];
        }

        return folder;
    }

    private void Step(int wanted)
    {
        if (Take(wanted) < wanted)
        {
            throw new IOException("the machine is gone");
        }
    }

    private int Take(int wanted)
    {
        lock (_gate)
        {
            var taken = (int)Math.Min(wanted, StepsUntilCrash);
            StepsUntilCrash -= taken;
            StepsTaken += taken;
            if (taken < wanted)
            {
                StepsUntilCrash = 0;
            }

            return taken;
        }
    }

    private sealed class Content
    {
        public List<byte> Written { get; init; } = [];

        /// <summary>
        /// Files are only appended to, so what is durable is the start of what was written.
        /// </summary>
        public int DurableCount { get; set; }
    }

    private sealed class OpenFile(FaultyFolder folder, Content content) : IJournalFile
    {
        public int Write(long offset, ReadOnlySpan<byte> data)
        {
            folder.BeforeWrite();
            int wanted = Math.Min(data.Length, folder.WriteLengthMaxBytes);
            int taken = folder.Take(wanted);
            Assert.Equal(content.Written.Count, offset);
            content.Written.AddRange(data[..taken]);
            return taken == wanted ? taken : throw new IOException("the machine is gone");
        }

        public void Sync()
        {
            folder.BeforeFileSync();
            folder.Step(1);
            content.DurableCount = content.Written.Count;
            folder.FileSyncs++;
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
