using Replication.Cluster.Records;
using Replication.Coordinator.Observing;

namespace Replication.Gateway.Metrics.Sources;

/// <summary>
/// Counts and times the requests of all volumes as they end. Counting a request allocates nothing, save for
/// the first of a volume.
/// </summary>
/// <param name="time">Whose timestamps the reports carry.</param>
/// <param name="mirrors">Who is told of latencies too; null for nobody.</param>
public sealed class RequestMetrics(TimeProvider time, ILatencyMirrors? mirrors = null)
    : IRequestObserver, IMetricSource
{
    private readonly VolumeTable<VolumeSeries> _volumes = new(volume => new VolumeSeries(volume, mirrors));

    /// <inheritdoc/>
    public string Name => "requests";

    /// <inheritdoc/>
    public void OnEnded(in RequestReport report)
    {
        VolumeSeries volume = _volumes.Of(report.VolumeName);
        volume.WaitDuration.Record(time.GetElapsedTime(report.ArrivedAt, report.StartedAt));
        volume.Of(report.Kind).Count(
            report.Errno == 0,
            report.LengthBytes,
            time.GetElapsedTime(report.ArrivedAt, report.AnsweredAt));
    }

    /// <summary>Shows volumes that are not there any more no longer.</summary>
    /// <param name="present">The names of those that are.</param>
    public void Keep(IReadOnlySet<string> present) => _volumes.Keep(present);

    /// <inheritdoc/>
    public ValueTask CollectAsync(MetricSet into, CancellationToken cancellation)
    {
        foreach ((string name, VolumeSeries volume) in _volumes.Shown())
        {
            volume.AddTo(into, name);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>One volume's numbers, by kind.</summary>
    private sealed class VolumeSeries(string volume, ILatencyMirrors? mirrors)
    {
        private static readonly string[] Words =
            [.. Enum.GetValues<RequestKind>().Select(EnumWords<RequestKind>.Of)];

        private readonly RequestSeries[] _kinds = [.. Words.Select(
            kind => new RequestSeries(mirrors?.Of(MetricCatalog.RequestDuration, volume, kind)))];

        internal LatencyHistogram WaitDuration { get; } =
            new(mirrors?.Of(MetricCatalog.RequestWait, volume));

        internal RequestSeries Of(RequestKind kind) => _kinds[(int)kind];

        internal void AddTo(MetricSet into, string name)
        {
            for (int kind = 0; kind < _kinds.Length; kind++)
            {
                RequestSeries series = _kinds[kind];
                string word = Words[kind];
                into.Add(MetricCatalog.Requests, series.Succeeded, name, word, "ok");
                into.Add(MetricCatalog.Requests, series.Failed, name, word, "error");
                into.Add(MetricCatalog.RequestBytes, series.Bytes, name, word);

                // What never happened needs no twenty lines.
                if (series.Succeeded + series.Failed > 0)
                {
                    into.Add(MetricCatalog.RequestDuration, series.Duration.Take(), name, word);
                }
            }

            into.Add(MetricCatalog.RequestWait, WaitDuration.Take(), name);
        }
    }
}
