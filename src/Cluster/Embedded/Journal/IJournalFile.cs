namespace Replication.Cluster.Embedded.Journal;

/// <summary>One open file of a journal's folder. Every failure is an <see cref="IOException"/>.</summary>
internal interface IJournalFile : IDisposable
{
    /// <summary>Writes at an offset and says how many bytes went; fewer than given is no failure.</summary>
    int Write(long offset, ReadOnlySpan<byte> data);

    /// <summary>Makes everything written durable. After a failure nothing may be said of any of it.</summary>
    void Sync();
}
