namespace Replication.Cluster.Embedded.Journal;

/// <summary>
/// The folder that a store lives in: what the journal asks of a file system, and no more, so that tests can
/// stand in for one that crashes, writes short or fails to sync. Every failure is an
/// <see cref="IOException"/>. Used by one thread at a time; disposing it gives up the folder's lock.
/// </summary>
internal interface IJournalFolder : IDisposable
{
    /// <summary>The bytes of a file, or null where there is none.</summary>
    byte[]? Read(string name);

    /// <summary>A new, empty file; one that has the name is emptied.</summary>
    IJournalFile Create(string name);

    /// <summary>Gives a file another name, in place of what has it.</summary>
    void Rename(string from, string to);

    /// <summary>Makes creations and renames durable.</summary>
    void Sync();
}
