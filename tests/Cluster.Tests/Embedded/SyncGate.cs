namespace Replication.Cluster.Tests.Embedded;

/// <summary>
/// Holds a folder's syncs of files until they are let go. Disposed before the store, so that a test that
/// fails does not leave the store's thread waiting.
/// </summary>
internal sealed class SyncGate : IDisposable
{
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SemaphoreSlim _allowed = new(0);

    public SyncGate(FaultyFolder folder, Action? thenFail = null) => folder.BeforeFileSync = () =>
    {
        _arrived.Release();
        _allowed.Wait();
        thenFail?.Invoke();
    };

    /// <summary>Completes when a sync waits at the gate.</summary>
    public Task Arrived() => _arrived.WaitAsync();

    /// <summary>Lets so many syncs go, one unless said otherwise.</summary>
    public void Allow(int syncs = 1) => _allowed.Release(syncs);

    public void Dispose() => _allowed.Release(1_000_000);
}
