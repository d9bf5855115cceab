namespace Replication.Cluster.Embedded.Journal;

/// <summary>
/// The journal of one open store: replayed, then written anew, appended to and compacted. Used by one thread.
/// After any exception it must not be written again: what is on disk is then known only to the next opening.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    public const string Name = "store.journal";
    public const string NewName = "store.journal.new";

    private readonly IJournalFolder _folder;
    private IJournalFile? _file;

    private JournalFile(IJournalFolder folder) => _folder = folder;

    /// <summary>What the file holds, live or not.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>
    /// Reads what is there, cuts what a crash left unfinished, and writes the rest into a new file before
    /// anything of it is relied on: after a failed fsync the page cache may show a frame that never reached
    /// the disk, and a change built on it would then outlive it.
    /// </summary>
    /// <param name="folder">The folder, not owned.</param>
    /// <param name="log">Told when a tail was cut.</param>
    public static (JournalFile Journal, StoreState State) Open(IJournalFolder folder, Action<string> log)
    {
        StoreState state = StoreState.Empty;
        if (folder.Read(Name) is { } bytes)
        {
            switch (JournalReplay.Read(bytes))
            {
                case ReplayResult.Refused refused:
                    throw new StoreOpenException(
                        $"{Name} is damaged at offset {refused.Offset}: {refused.Reason}", refused.Offset);
                case ReplayResult.Replayed replayed:
                    state = replayed.State;
                    if (replayed.CutReason is { } reason)
                    {
                        log($"cut {bytes.Length - replayed.GoodLengthBytes} bytes off {Name} "
                            + $"at offset {replayed.GoodLengthBytes}, "
                            + $"unfinished when the store last stopped: {reason}");
                    }

                    break;
            }
        }

        JournalFile journal = new(folder);
        try
        {
            journal.Compact(state);
        }
        catch
        {
            journal.Dispose();
            throw;
        }

        return (journal, state);
    }

    /// <summary>Appends one frame; it is durable when this returns.</summary>
    public void Append(ReadOnlySpan<byte> frame)
    {
        IJournalFile file = _file ?? throw new InvalidOperationException("the journal is closed");
        WriteAll(file, LengthBytes, frame);
        file.Sync();
        LengthBytes += frame.Length;
    }

    /// <summary>
    /// Puts a file with this state alone in the journal's place; a crash leaves the one or the other.
    /// </summary>
    public void Compact(StoreState state)
    {
        byte[] snapshot = JournalFormat.EncodeSnapshot(state);
        IJournalFile next = _folder.Create(NewName);
        try
        {
            WriteAll(next, offset: 0, snapshot);

            // The name is only given to bytes that are durable, and nothing is appended before the name is.
            next.Sync();
            _folder.Rename(NewName, Name);
            _folder.Sync();
        }
        catch
        {
            next.Dispose();
            throw;
        }

        _file?.Dispose();
        _file = next;
        LengthBytes = snapshot.Length;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private static void WriteAll(IJournalFile file, long offset, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            int written = file.Write(offset, data);
            if (written <= 0)
            {
                throw new IOException($"a write of {data.Length} bytes at offset {offset} wrote none");
            }

            offset += written;
            data = data[written..];
        }
    }
}
