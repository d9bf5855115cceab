using Replication.Actors.Asking;

namespace Replication.Gateway.Metrics;

/// <summary>
/// Looks at all sources for whoever asks. One look at a time, and those who ask within
/// <see cref="FreshFor"/> of it share it: asking often costs the volumes no more than that. Safe from any
/// thread.
/// </summary>
public sealed class MetricRegistry : IDisposable
{
    /// <summary>How long a look is good for.</summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromMilliseconds(100);

    /// <summary>How long one source may take; then its numbers are left out.</summary>
    public static readonly TimeSpan SourceTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _looking = new(1);
    private readonly TimeProvider _time;
    private readonly SortedDictionary<string, long> _failures = new(StringComparer.Ordinal);
    private volatile IMetricSource[] _sources = [];
    private MetricSet _last = new();
    private long? _lastAt;

    /// <param name="time">Says how old a look is; null for the real time.</param>
    public MetricRegistry(TimeProvider? time = null) => _time = time ?? TimeProvider.System;

    /// <summary>Adds a source, which is asked after those that are there.</summary>
    public void Add(IMetricSource source)
    {
        lock (_failures)
        {
            _failures.TryAdd(source.Name, 0);
            _sources = [.. _sources, source];
        }
    }

    /// <summary>The numbers of now, or of a moment ago.</summary>
    public async Task<MetricSet> CollectAsync(CancellationToken cancellation)
    {
        await _looking.WaitAsync(cancellation);
        try
        {
            if (_lastAt is not { } at || _time.GetElapsedTime(at) >= FreshFor)
            {
                _last = await LookAsync(cancellation);
                _lastAt = _time.GetTimestamp();
            }

            return _last;
        }
        finally
        {
            _looking.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _looking.Dispose();

    private async Task<MetricSet> LookAsync(CancellationToken cancellation)
    {
        MetricSet set = new();
        foreach (IMetricSource source in _sources)
        {
            MetricSet own = new();
            try
            {
                await source.CollectAsync(own, cancellation).AsTask().WaitAsync(SourceTimeout, cancellation);
                Merge(own, set);
            }
            catch (Exception failure) when (failure is TimeoutException or AskTimeoutException
                or IOException or InvalidOperationException)
            {
                // The others' numbers are still worth having; that some are missing is a number itself.
                lock (_failures)
                {
                    _failures[source.Name]++;
                }
            }
        }

        lock (_failures)
        {
            foreach ((string name, long count) in _failures)
            {
                set.Add(MetricCatalog.CollectFailures, count, name);
            }
        }

        return set;
    }

    /// <summary>A source that fails half-way leaves nothing half.</summary>
    private static void Merge(MetricSet own, MetricSet into)
    {
        foreach (MetricFamily family in own.Families)
        {
            into.Add(family);
        }
    }
}
