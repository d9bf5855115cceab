using System.Collections.Immutable;

namespace Replication.Cluster.Embedded;

/// <summary>
/// Everything the store holds at one revision; immutable, so that readers use the committed one while the
/// writer prepares the next.
/// </summary>
internal sealed class StoreState
{
    private StoreState(
        ImmutableSortedDictionary<string, StoreEntry> entries, long revision, long liveLengthBytes)
    {
        Entries = entries;
        Revision = revision;
        LiveLengthBytes = liveLengthBytes;
    }

    public static StoreState Empty { get; } = new(
        ImmutableSortedDictionary.Create<string, StoreEntry>(StringComparer.Ordinal),
        revision: 0,
        liveLengthBytes: 0);

    /// <summary>The entries in ordinal order of their keys.</summary>
    public ImmutableSortedDictionary<string, StoreEntry> Entries { get; }

    /// <summary>The revision of the last change; 0 before the first.</summary>
    public long Revision { get; }

    /// <summary>What the entries take in a journal, in bytes.</summary>
    public long LiveLengthBytes { get; }

    /// <summary>The state with a counter further on, as a snapshot's header says it.</summary>
    public StoreState WithRevision(long revision) => new(Entries, revision, LiveLengthBytes);

    /// <summary>
    /// What a compare-and-set (or, without a value, a delete) would do: a conflict, or the change to write.
    /// The state is as it was; <see cref="Apply"/> makes the change.
    /// </summary>
    public (StoreResult Result, JournalChange? Change) Decide(
        string key, long expectedRevision, ReadOnlyMemory<byte>? value)
    {
        StoreEntry? current = Entries.GetValueOrDefault(key);
        if ((current?.Revision ?? 0) != expectedRevision)
        {
            return (new StoreResult.Conflict(current), null);
        }

        long revision = checked(Revision + 1);
        JournalChange change = value is { } bytes
            ? new JournalChange(JournalChangeKind.Put, key, bytes, revision)
            : new JournalChange(JournalChangeKind.Delete, key, default, revision);
        return (new StoreResult.Done(revision), change);
    }

    /// <summary>The state after a change whose place in the order was checked before.</summary>
    public StoreState Apply(JournalChange change)
    {
        long liveLengthBytes = LiveLengthBytes;
        if (Entries.TryGetValue(change.Key, out StoreEntry? before))
        {
            liveLengthBytes -= JournalFormat.ChangeLengthBytes(before.Key, before.Value.Length);
        }

        if (change.Kind == JournalChangeKind.Delete)
        {
            return new StoreState(Entries.Remove(change.Key), change.Revision, liveLengthBytes);
        }

        liveLengthBytes += JournalFormat.ChangeLengthBytes(change.Key, change.Value.Length);
        StoreEntry entry = new(change.Key, change.Value, change.Revision);
        long revision = change.Kind == JournalChangeKind.Snapshot ? Revision : change.Revision;
        return new StoreState(Entries.SetItem(change.Key, entry), revision, liveLengthBytes);
    }
}
