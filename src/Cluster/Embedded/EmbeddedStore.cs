using Replication.Cluster.Embedded.Journal;

namespace Replication.Cluster.Embedded;

/// <summary>
/// The store of one process: everything in memory, every change in a checksummed append-only journal that is
/// synced before the change is answered. It holds its folder exclusively for as long as it is open.
/// </summary>
/// <remarks>
/// Any thread may call it; changes are answered on the thread pool. Changes that come in while the disk syncs
/// share the next sync. After a failed write or sync every request fails with
/// <see cref="StoreUnavailableException"/> until the store is opened again, reads too: an old entry read then
/// could be contradicted by the next opening.
/// </remarks>
public sealed class EmbeddedStore : IClusterStore, IDisposable
{
    private readonly JournalWriter _writer;

    private EmbeddedStore(JournalWriter writer) => _writer = writer;

    /// <summary>
    /// Opens the store in a folder, made if it is not there. Reads and rewrites the journal, so it takes the
    /// time of a few synced writes on the calling thread.
    /// </summary>
    /// <exception cref="StoreOpenException">
    /// Another store has the folder, the journal is damaged (nothing is changed then), or the disk failed.
    /// </exception>
    public static EmbeddedStore Open(string folderPath, EmbeddedStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folderPath);
        try
        {
            return Open(DiskFolder.Open(folderPath), options ?? new EmbeddedStoreOptions());
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StoreOpenException(
                $"the store in {folderPath} cannot be opened: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public Task<StoreEntry?> GetAsync(string key)
    {
        StoreLimits.CheckKey(key);
        return Read(state => state.Entries.GetValueOrDefault(key));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoreEntry>> ListAsync(string prefix)
    {
        StoreLimits.CheckPrefix(prefix);
        return Read<IReadOnlyList<StoreEntry>>(state =>
            [.. state.Entries.Values.Where(e => e.Key.StartsWith(prefix, StringComparison.Ordinal))]);
    }

    /// <inheritdoc/>
    public Task<StoreResult> CompareAndSetAsync(string key, long expectedRevision, ReadOnlyMemory<byte> value)
    {
        StoreLimits.CheckCompareAndSet(key, expectedRevision, value);
        return _writer.Submit(new WaitingChange(key, expectedRevision, value.ToArray()));
    }

    /// <inheritdoc/>
    public Task<StoreResult> DeleteAsync(string key, long expectedRevision)
    {
        StoreLimits.CheckDelete(key, expectedRevision);
        return _writer.Submit(new WaitingChange(key, expectedRevision, Value: null));
    }

    /// <summary>
    /// Finishes the changes that wait, then gives up the folder. Blocks until that is done.
    /// </summary>
    public void Dispose() => _writer.Dispose();

    /// <summary>
    /// The same over any folder, which the store owns from here on, failing to open included.
    /// </summary>
    internal static EmbeddedStore Open(IJournalFolder folder, EmbeddedStoreOptions options)
    {
        try
        {
            (JournalFile journal, StoreState state) = JournalFile.Open(folder, options.Log);
            return new EmbeddedStore(new JournalWriter(folder, journal, state, options));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    private Task<T> Read<T>(Func<StoreState, T> read)
    {
        try
        {
            return Task.FromResult(read(_writer.Committed));
        }
        catch (StoreUnavailableException exception)
        {
            return Task.FromException<T>(exception);
        }
    }
}
