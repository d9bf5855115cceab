using Replication.Gateway.Metrics;
using Replication.Host.Telemetry;

namespace Replication.Host.Tests.Telemetry;

/// <summary>What a collector of OpenTelemetry gets, as it is on the wire.</summary>
public sealed class OtlpMetricsTests
{
    // Numbers of opentelemetry/proto/metrics/v1/metrics.proto.
    private const int ResourceMetrics = 1;
    private const int ScopeMetrics = 2;
    private const int Metrics = 2;
    private const int Name = 1;
    private const int Unit = 3;
    private const int Gauge = 5;
    private const int Sum = 7;
    private const int Histogram = 9;
    private const int DataPoints = 1;
    private const int IsMonotonic = 3;
    private const int NumberAttributes = 7;
    private const int AsDouble = 4;
    private const int HistogramAttributes = 9;
    private const int HistogramCount = 4;
    private const int HistogramSum = 5;

    [Fact]
    public async Task Counters_gauges_and_histograms_arrive_with_their_labels_and_units()
    {
        await using OtlpReceiver receiver = new();
        using MetricRegistry registry = new();
        registry.Add(new Source());
        OtlpSettings settings = new()
        {
            Endpoint = new Uri(receiver.Endpoint),
            Headers = "Authorization=Bearer x",
            Interval = TimeSpan.FromMinutes(10),
        };

        using (OtlpMetrics otlp = OtlpMetrics.Start(registry, "node1", settings))
        {
            LatencyHistogram histogram = new(otlp.Of(MetricCatalog.RequestDuration, "vm1", "read"));
            histogram.Record(TimeSpan.FromMilliseconds(2));
            histogram.Record(TimeSpan.FromMilliseconds(3));

            // Its end sends what there is.
        }

        OtlpRequest request = await receiver.NextAsync();
        Assert.Equal("/v1/metrics", request.Path);
        Assert.Equal("application/x-protobuf", request.ContentType);
        Assert.Equal("Bearer x", request.Authorization);
        ProtobufMessage sent = request.Message.Message(ResourceMetrics)!;
        Dictionary<string, string> resource = Attributes(sent.Message(1)!, 1);
        Assert.Equal(("replication", "node1"), (resource["service.name"], resource["service.instance.id"]));

        ProtobufMessage requests = Find(sent, "replication_requests_total");
        ProtobufMessage point = Assert.Single(requests.Message(Sum)!.Messages(DataPoints));
        Assert.Equal(1UL, requests.Message(Sum)!.Number(IsMonotonic));
        Assert.Equal(7, point.Double(AsDouble));
        Assert.Equal(
            new Dictionary<string, string> { ["volume"] = "vm1", ["kind"] = "read", ["result"] = "ok" },
            Attributes(point, NumberAttributes));

        ProtobufMessage size = Find(sent, "replication_volume_size_bytes");
        Assert.Equal("By", size.Text(Unit));
        Assert.Equal(1 << 20, Assert.Single(size.Message(Gauge)!.Messages(DataPoints)).Double(AsDouble));

        ProtobufMessage duration = Find(sent, "replication_request_duration_seconds");
        ProtobufMessage measured = Assert.Single(duration.Message(Histogram)!.Messages(DataPoints));
        Assert.Equal("s", duration.Text(Unit));
        Assert.Equal(2UL, measured.Number(HistogramCount));
        Assert.Equal(0.005, measured.Double(HistogramSum), precision: 9);
        Assert.Equal("read", Attributes(measured, HistogramAttributes)["kind"]);
    }

    [Fact]
    public async Task They_are_sent_again_and_again_while_the_process_runs()
    {
        await using OtlpReceiver receiver = new();
        using MetricRegistry registry = new();
        registry.Add(new Source());
        OtlpSettings settings = new()
        {
            Endpoint = new Uri(receiver.Endpoint + "/"),
            Interval = TimeSpan.FromMilliseconds(100),
        };

        using OtlpMetrics otlp = OtlpMetrics.Start(registry, "node1", settings);

        await receiver.NextAsync();
        Assert.Equal("/v1/metrics", (await receiver.NextAsync()).Path);
    }

    [Fact]
    public void Recording_a_latency_that_is_sent_allocates_nothing_either()
    {
        using MetricRegistry registry = new();
        OtlpSettings settings = new()
        {
            Endpoint = new Uri("http://127.0.0.1:1"), Interval = TimeSpan.FromMinutes(10),
        };
        using OtlpMetrics otlp = OtlpMetrics.Start(registry, "node1", settings);
        LatencyHistogram histogram = new(otlp.Of(MetricCatalog.RequestDuration, "vm1", "read"));
        for (int count = 0; count < 1000; count++)
        {
            histogram.Record(TimeSpan.FromMilliseconds(count));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count = 0; count < 1000; count++)
        {
            histogram.Record(TimeSpan.FromMilliseconds(count));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static ProtobufMessage Find(ProtobufMessage resource, string name) => resource
        .Messages(ScopeMetrics)
        .SelectMany(static scope => scope.Messages(Metrics))
        .Single(metric => metric.Text(Name) == name);

    private static Dictionary<string, string> Attributes(ProtobufMessage of, int field) =>
        of.Messages(field).ToDictionary(
            static pair => pair.Text(1), static pair => pair.Message(2)!.Text(1), StringComparer.Ordinal);

    private sealed class Source : IMetricSource
    {
        public string Name => "test";

        public ValueTask CollectAsync(MetricSet into, CancellationToken cancellation)
        {
            into.Add(MetricCatalog.Requests, 7, "vm1", "read", "ok");
            into.Add(MetricCatalog.VolumeSize, 1 << 20, "vm1");
            return ValueTask.CompletedTask;
        }
    }
}
