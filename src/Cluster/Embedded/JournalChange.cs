namespace Replication.Cluster.Embedded;

/// <summary>What one change of the journal does. The numbers are on disk.</summary>
internal enum JournalChangeKind : byte
{
    /// <summary>An entry of the snapshot at the head of the file, with the revision it had.</summary>
    Snapshot = 1,

    /// <summary>A value was written; the revision is the next one of the store.</summary>
    Put = 2,

    /// <summary>A key was deleted; this too takes the next revision. The value is empty.</summary>
    Delete = 3,
}

/// <summary>One change as the journal keeps it.</summary>
internal sealed record JournalChange(
    JournalChangeKind Kind, string Key, ReadOnlyMemory<byte> Value, long Revision);
