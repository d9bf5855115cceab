using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Replication.Gateway.Metrics;

namespace Replication.Host.Telemetry;

/// <summary>
/// Sends the numbers of the process by OTLP, under the names and labels that <c>/metrics</c> has. Counters
/// and gauges look into the registry when it is their time, all of one sending into the same look.
/// Histograms are told of each latency as it is recorded, since OpenTelemetry counts for itself.
/// </summary>
internal sealed class OtlpMetrics : ILatencyMirrors, IDisposable
{
    /// <summary>The instruments' scope.</summary>
    public const string MeterName = "Replication";

    /// <summary>Series of one metric; those past it are summed up in one.</summary>
    private const int SeriesMax = 20_000;

    /// <summary>How long the last sending may take when the process ends.</summary>
    private const int ShutdownTimeoutMs = 2000;

    private readonly Meter _meter = new(MeterName);
    private readonly Dictionary<string, Histogram<double>> _histograms = [];
    private readonly MetricRegistry _metrics;
    private readonly MeterProvider _provider;

    private OtlpMetrics(MetricRegistry metrics, string node, OtlpSettings settings)
    {
        _metrics = metrics;
        foreach (MetricDescriptor metric in MetricCatalog.All)
        {
            Add(metric);
        }

        _provider = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(OtlpExport.Resource(node))
            .AddMeter(MeterName)
            .AddView(StreamOf)
            .AddOtlpExporter((exporter, reader) =>
            {
                OtlpExport.Configure(exporter, settings, OtlpExport.MetricsPath);
                PeriodicExportingMetricReaderOptions periodic = reader.PeriodicExportingMetricReaderOptions;
                periodic.ExportIntervalMilliseconds = (int)settings.Interval.TotalMilliseconds;
                periodic.ExportTimeoutMilliseconds = (int)settings.Timeout.TotalMilliseconds;
            })
            .Build();
    }

    /// <summary>Starts sending.</summary>
    /// <param name="metrics">What is sent; stays its owner's, and ends after this.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="settings">An endpoint is set.</param>
    public static OtlpMetrics Start(MetricRegistry metrics, string node, OtlpSettings settings) =>
        new(metrics, node, settings);

    /// <inheritdoc/>
    public ILatencyMirror Of(MetricDescriptor metric, params string[] labels) =>
        new Mirror(_histograms[metric.Name], Tags(metric, labels));

    /// <summary>Sends what there is once more, if it can be had and taken soon, and ends.</summary>
    public void Dispose()
    {
        _provider.Shutdown(ShutdownTimeoutMs);
        _provider.Dispose();
        _meter.Dispose();
    }

    private static MetricStreamConfiguration StreamOf(Instrument of) => of is Histogram<double>
        ? new ExplicitBucketHistogramConfiguration
        {
            Boundaries = [.. LatencyHistogram.BoundsSeconds],
            CardinalityLimit = SeriesMax,
        }
        : new MetricStreamConfiguration { CardinalityLimit = SeriesMax };

    private static KeyValuePair<string, object?>[] Tags(MetricDescriptor metric, string[] labels) =>
        [.. metric.Labels.Zip(labels, KeyValuePair.Create<string, object?>)];

    private void Add(MetricDescriptor metric)
    {
        switch (metric.Kind)
        {
            case MetricKind.Counter:
                _meter.CreateObservableCounter(
                    metric.Name, () => Observe(metric), UnitOf(metric), metric.Help);
                break;
            case MetricKind.Gauge:
                _meter.CreateObservableGauge(
                    metric.Name, () => Observe(metric), UnitOf(metric), metric.Help);
                break;
            default:
                _histograms.Add(
                    metric.Name, _meter.CreateHistogram<double>(metric.Name, UnitOf(metric), metric.Help));
                break;
        }
    }

    /// <summary>On the exporter's own thread, which may wait.</summary>
    private Measurement<double>[] Observe(MetricDescriptor metric)
    {
        MetricSet set = _metrics.CollectAsync(CancellationToken.None).GetAwaiter().GetResult();
        return set.Find(metric.Name) is { } family
            ? [.. family.Samples.Select(sample =>
                new Measurement<double>(sample.Value, Tags(metric, sample.Labels)))]
            : [];
    }

    /// <summary>OpenTelemetry's words: s, By, or 1 for what is counted.</summary>
    private static string UnitOf(MetricDescriptor metric) =>
        metric.Name.Contains("_seconds", StringComparison.Ordinal) ? "s"
        : metric.Name.Contains("_bytes", StringComparison.Ordinal) ? "By"
        : "1";

    private sealed class Mirror(Histogram<double> histogram, KeyValuePair<string, object?>[] tags)
        : ILatencyMirror
    {
        public void Record(double seconds) => histogram.Record(seconds, tags);
    }
}
