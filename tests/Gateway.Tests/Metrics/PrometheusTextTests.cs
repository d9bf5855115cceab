using System.Text;
using Replication.Gateway.Metrics;
using Replication.TestKit;

namespace Replication.Gateway.Tests.Metrics;

/// <summary>What the text of <c>/metrics</c> looks like, letter by letter.</summary>
public sealed class PrometheusTextTests
{
    private static readonly MetricDescriptor Counter =
        new("demo_reads_total", MetricKind.Counter, "Reads.", ["volume", "kind"]);

    private static readonly MetricDescriptor Gauge =
        new("demo_size_bytes", MetricKind.Gauge, "The size.", []);

    private static readonly MetricDescriptor Histogram =
        new("demo_duration_seconds", MetricKind.Histogram, "Durations.", ["volume"]);

    [Fact]
    public void A_family_has_its_help_its_type_and_a_line_for_each_sample()
    {
        MetricSet set = new();
        set.Add(Counter, 3, "vm1", "read");
        set.Add(Gauge, 1.5);
        set.Add(Counter, 4, "vm2", "read");

        Assert.Equal(
            """
            # HELP demo_reads_total Reads.
            # TYPE demo_reads_total counter
            demo_reads_total{volume="vm1",kind="read"} 3
            demo_reads_total{volume="vm2",kind="read"} 4
            # HELP demo_size_bytes The size.
            # TYPE demo_size_bytes gauge
            demo_size_bytes 1.5

            """,
            Text(set));
    }

    [Fact]
    public void Values_of_labels_are_escaped()
    {
        MetricSet set = new();
        set.Add(Counter, 1, "a\"b\\c\nd", "é");

        Assert.Contains("{volume=\"a\\\"b\\\\c\\nd\",kind=\"é\"} 1", Text(set), StringComparison.Ordinal);
    }

    [Fact]
    public void Help_keeps_its_quotes_and_loses_its_line_ends()
    {
        MetricSet set = new();
        set.Add(new MetricDescriptor("a_b", MetricKind.Gauge, "say \"a\\b\"\nmore", []), 1);

        Assert.StartsWith("# HELP a_b say \"a\\\\b\"\\nmore\n", Text(set), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(1e300, "1E+300")]
    [InlineData(0.1, "0.1")]
    [InlineData(9007199254740991.0, "9007199254740991")]
    public void Numbers_are_written_as_Prometheus_reads_them(double value, string expected)
    {
        MetricSet set = new();
        set.Add(Gauge, value);

        Assert.EndsWith($"demo_size_bytes {expected}\n", Text(set), StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_counts_in_each_bucket_all_that_is_below_its_bound()
    {
        LatencyHistogram histogram = new();
        histogram.Record(TimeSpan.FromMilliseconds(1));
        histogram.Record(TimeSpan.FromTicks(10_001));
        histogram.Record(TimeSpan.FromSeconds(30));
        histogram.Record(TimeSpan.FromMinutes(1));
        histogram.Record(TimeSpan.FromSeconds(-1));
        MetricSet set = new();
        set.Add(Histogram, histogram.Take(), "vm1");

        string[] lines = Text(set).Split('\n');

        Assert.Equal("demo_duration_seconds_bucket{volume=\"vm1\",le=\"5E-05\"} 1", lines[2]);
        Assert.Contains("demo_duration_seconds_bucket{volume=\"vm1\",le=\"0.0005\"} 1", lines);
        Assert.Contains("demo_duration_seconds_bucket{volume=\"vm1\",le=\"0.001\"} 2", lines);
        Assert.Contains("demo_duration_seconds_bucket{volume=\"vm1\",le=\"0.0025\"} 3", lines);
        Assert.Contains("demo_duration_seconds_bucket{volume=\"vm1\",le=\"10\"} 3", lines);
        Assert.Contains("demo_duration_seconds_bucket{volume=\"vm1\",le=\"30\"} 4", lines);
        Assert.Contains("demo_duration_seconds_bucket{volume=\"vm1\",le=\"+Inf\"} 5", lines);
        Assert.Contains("demo_duration_seconds_sum{volume=\"vm1\"} 90.0020001", lines);
        Assert.Contains("demo_duration_seconds_count{volume=\"vm1\"} 5", lines);
    }

    [Fact]
    public void Recording_a_latency_allocates_nothing()
    {
        LatencyHistogram histogram = new();
        histogram.Record(TimeSpan.FromMilliseconds(1));
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int count = 0; count < 1000; count++)
        {
            histogram.Record(TimeSpan.FromMilliseconds(count));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_sample_with_too_few_labels_or_of_the_wrong_kind_is_a_bug()
    {
        MetricSet set = new();

        Assert.Throws<InvalidOperationException>(() => set.Add(Counter, 1, "vm1"));
        Assert.Throws<InvalidOperationException>(() => set.Add(Histogram, 1, "vm1"));
        Assert.Throws<InvalidOperationException>(() => set.Add(Gauge, new LatencyHistogram().Take()));
    }

    [Fact]
    public async Task Promtool_finds_nothing_wrong_with_a_sample_of_every_metric()
    {
        string[] hostile = ["a\"b\\c\nd", "é", "", "plain", "x"];
        MetricSet set = new();
        foreach (MetricDescriptor metric in MetricCatalog.All)
        {
            string[] labels = [.. hostile.Take(metric.Labels.Length)];
            if (metric.Kind == MetricKind.Histogram)
            {
                set.Add(metric, new LatencyHistogram().Take(), labels);
            }
            else
            {
                set.Add(metric, 1.5, labels);
            }
        }

        Assert.Equal("", await Promtool.CheckAsync(Text(set)));
    }

    [Fact]
    public async Task Promtool_would_find_what_is_wrong()
    {
        MetricSet set = new();
        set.Add(new MetricDescriptor("demo_reads", MetricKind.Counter, "Reads.", []), 1);

        Assert.Contains("_total", await Promtool.CheckAsync(Text(set)), StringComparison.Ordinal);
    }

    private static string Text(MetricSet set) => Encoding.UTF8.GetString(PrometheusText.Write(set));
}
