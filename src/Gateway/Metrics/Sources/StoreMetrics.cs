using System.Diagnostics;
using Replication.Cluster;

namespace Replication.Gateway.Metrics.Sources;

/// <summary>
/// A store that counts and times the changes which another one makes for it. The other stays its owner's.
/// </summary>
/// <param name="store">Who does it.</param>
/// <param name="mirrors">Who is told of latencies too; null for nobody.</param>
public sealed class StoreMetrics(IClusterStore store, ILatencyMirrors? mirrors = null)
    : IClusterStore, IMetricSource
{
    private readonly LatencyHistogram _writeDuration =
        new(mirrors?.Of(MetricCatalog.StoreWriteDuration));
    private long _written;
    private long _conflicts;
    private long _failures;

    /// <inheritdoc/>
    public string Name => "store";

    /// <inheritdoc/>
    public Task<StoreEntry?> GetAsync(string key) => store.GetAsync(key);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoreEntry>> ListAsync(string prefix) => store.ListAsync(prefix);

    /// <inheritdoc/>
    public Task<StoreResult> CompareAndSetAsync(
        string key, long expectedRevision, ReadOnlyMemory<byte> value)
    {
        long startedAt = Stopwatch.GetTimestamp();
        return Measured(store.CompareAndSetAsync(key, expectedRevision, value), startedAt);
    }

    /// <inheritdoc/>
    public Task<StoreResult> DeleteAsync(string key, long expectedRevision)
    {
        long startedAt = Stopwatch.GetTimestamp();
        return Measured(store.DeleteAsync(key, expectedRevision), startedAt);
    }

    /// <inheritdoc/>
    public async ValueTask CollectAsync(MetricSet into, CancellationToken cancellation)
    {
        into.Add(MetricCatalog.StoreWrites, Interlocked.Read(ref _written), "written");
        into.Add(MetricCatalog.StoreWrites, Interlocked.Read(ref _conflicts), "conflict");
        into.Add(MetricCatalog.StoreWrites, Interlocked.Read(ref _failures), "failed");
        into.Add(MetricCatalog.StoreWriteDuration, _writeDuration.Take());
        into.Add(MetricCatalog.StoreUp, await ProblemAsync() is null ? 1 : 0);
    }

    /// <summary>Why the store does not answer, in a sentence; null when it does.</summary>
    public async Task<string?> ProblemAsync()
    {
        // Any key will do: what counts is that there is an answer.
        const string Key = "health";
        try
        {
            await store.GetAsync(Key).WaitAsync(MetricRegistry.SourceTimeout / 2);
            return null;
        }
        catch (Exception failure) when (failure is StoreUnavailableException or TimeoutException)
        {
            return failure.Message;
        }
    }

    private async Task<StoreResult> Measured(Task<StoreResult> change, long startedAt)
    {
        try
        {
            StoreResult result = await change;
            Interlocked.Increment(ref result is StoreResult.Conflict ? ref _conflicts : ref _written);
            return result;
        }
        catch
        {
            Interlocked.Increment(ref _failures);
            throw;
        }
        finally
        {
            _writeDuration.Record(Stopwatch.GetElapsedTime(startedAt));
        }
    }
}
