using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Cluster.Records;
using Replication.Gateway.Http;
using Replication.Gateway.Metrics;
using Replication.ReplicaNode.Observing;
using Replication.ReplicaNode.Storage;

namespace Replication.Host.Telemetry;

/// <summary>
/// Counts and times what a storage node's replicas are asked, and asks them how they are doing when somebody
/// looks. Counting a request allocates nothing, save for the first of a volume.
/// </summary>
/// <param name="node">The node's name.</param>
/// <param name="time">Whose timestamps the reports carry.</param>
/// <param name="mirrors">Who is told of latencies too; null for nobody.</param>
internal sealed class ReplicaMetrics(string node, TimeProvider time, ILatencyMirrors? mirrors)
    : IReplicaObserver, IMetricSource, IReadinessCheck
{
    private static readonly string[] Words =
        [.. Enum.GetValues<ReplicaOperation>().Select(EnumWords<ReplicaOperation>.Of)];

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    private readonly VolumeTable<RequestSeries[]> _volumes = new(volume => [.. Words.Select(word =>
        new RequestSeries(mirrors?.Of(MetricCatalog.ReplicaDuration, node, volume, word)))]);

    /// <inheritdoc/>
    public string Name => "replicas";

    /// <summary>The node's storage actor; set before anybody looks.</summary>
    public IActorRef? Storage { get; set; }

    /// <inheritdoc/>
    public void OnAnswered(in ReplicaReport report) => _volumes.Of(report.VolumeName)[(int)report.Operation]
        .Count(
            report.Errno == 0,
            report.LengthBytes,
            time.GetElapsedTime(report.ArrivedAt, report.AnsweredAt));

    /// <inheritdoc/>
    public async ValueTask CollectAsync(MetricSet into, CancellationToken cancellation)
    {
        ReplicaList list = await Storage!.Ask<ReplicaList>(new QueryReplicas(), AnswerTimeout);
        _volumes.Keep(list.Replicas.Select(static replica => replica.VolumeName).ToHashSet());
        foreach ((string volume, RequestSeries[] operations) in _volumes.Shown())
        {
            Add(into, volume, operations);
        }

        foreach (ReplicaStatus replica in list.Replicas.Take(SeriesLimits.VolumesMax))
        {
            into.Add(MetricCatalog.HotZones, replica.HotZoneCount, node, replica.VolumeName);
            into.Add(MetricCatalog.ReplicaRunning, replica.RunningCount, node, replica.VolumeName);
            into.Add(MetricCatalog.ReplicaWaiting, replica.WaitingCount, node, replica.VolumeName);
        }
    }

    /// <summary>The node is ready while its storage answers.</summary>
    public async ValueTask<IReadOnlyList<string>> ReasonsAsync(CancellationToken cancellation)
    {
        try
        {
            await Storage!.Ask<ReplicaList>(new QueryReplicas(), AnswerTimeout);
            return [];
        }
        catch (AskTimeoutException)
        {
            return [$"the storage of {node} does not answer"];
        }
    }

    private void Add(MetricSet into, string volume, RequestSeries[] operations)
    {
        for (int operation = 0; operation < operations.Length; operation++)
        {
            RequestSeries series = operations[operation];
            if (series.Succeeded + series.Failed == 0)
            {
                // What never happened needs no twenty lines.
                continue;
            }

            string word = Words[operation];
            into.Add(MetricCatalog.ReplicaRequests, series.Succeeded, node, volume, word, "ok");
            into.Add(MetricCatalog.ReplicaRequests, series.Failed, node, volume, word, "error");
            into.Add(MetricCatalog.ReplicaBytes, series.Bytes, node, volume, word);
            into.Add(MetricCatalog.ReplicaDuration, series.Duration.Take(), node, volume, word);
        }
    }
}
