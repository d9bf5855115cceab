using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Gateway.Metrics;
using Replication.ReplicaNode.Disk;

namespace Replication.Host.Telemetry;

/// <summary>Counts and times what a storage node does with its files; allocates nothing to do so.</summary>
/// <param name="node">The node's name.</param>
/// <param name="mirrors">Who is told of latencies too; null for nobody.</param>
internal sealed class DiskMetrics(string node, ILatencyMirrors? mirrors) : IDiskObserver, IMetricSource
{
    private static readonly string[] Words =
        [.. Enum.GetValues<DiskOperationKind>().Select(EnumWords<DiskOperationKind>.Of)];

    private readonly RequestSeries[] _kinds = [.. Words.Select(
        word => new RequestSeries(mirrors?.Of(MetricCatalog.DiskDuration, node, word)))];

    /// <inheritdoc/>
    public string Name => "disk";

    /// <summary>Where work waits; set once there is such a place.</summary>
    public DiskThreads? Threads { get; set; }

    /// <inheritdoc/>
    public void OnDone(DiskOperationKind kind, long bytes, TimeSpan elapsed, int errno) =>
        _kinds[(int)kind].Count(errno == Errno.None, bytes, elapsed);

    /// <inheritdoc/>
    public ValueTask CollectAsync(MetricSet into, CancellationToken cancellation)
    {
        for (int kind = 0; kind < _kinds.Length; kind++)
        {
            RequestSeries series = _kinds[kind];
            into.Add(MetricCatalog.DiskOperations, series.Succeeded, node, Words[kind], "ok");
            into.Add(MetricCatalog.DiskOperations, series.Failed, node, Words[kind], "error");
            into.Add(MetricCatalog.DiskBytes, series.Bytes, node, Words[kind]);
            into.Add(MetricCatalog.DiskDuration, series.Duration.Take(), node, Words[kind]);
        }

        if (Threads is { } threads)
        {
            into.Add(MetricCatalog.DiskQueue, threads.TransfersWaiting, node, "transfers");
            into.Add(MetricCatalog.DiskQueue, threads.SlowWaiting, node, "slow");
        }

        return ValueTask.CompletedTask;
    }
}
