using System.Text;
using Replication.Coordinator.Observing;
using Replication.Gateway.Metrics;
using Replication.Gateway.Metrics.Sources;
using Replication.Messages;
using Replication.TestKit;

namespace Replication.Gateway.Tests.Metrics;

/// <summary>What is counted of each request.</summary>
public sealed class RequestMetricsTests
{
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly RequestMetrics _metrics;

    public RequestMetricsTests() => _metrics = new RequestMetrics(_time);

    [Fact]
    public async Task Requests_are_counted_by_volume_kind_and_result_and_timed_until_their_answer()
    {
        _metrics.OnEnded(Report("vm1", RequestKind.Read, waitedMs: 10, tookMs: 40));
        _metrics.OnEnded(Report("vm1", RequestKind.Read, waitedMs: 0, tookMs: 1, errno: 5));
        _metrics.OnEnded(Report("vm2", RequestKind.Checkpoint, waitedMs: 0, tookMs: 1));

        string text = await TextAsync();

        Assert.Contains(Line("replication_requests_total", "vm1", "read", "result=\"ok\"", 1), text);
        Assert.Contains(Line("replication_requests_total", "vm1", "read", "result=\"error\"", 1), text);
        Assert.Contains("replication_request_bytes_total{volume=\"vm1\",kind=\"read\"} 4096\n", text);
        Assert.Contains(
            Line("replication_request_duration_seconds_bucket", "vm1", "read", "le=\"0.025\"", 1), text);
        Assert.Contains(
            Line("replication_request_duration_seconds_bucket", "vm1", "read", "le=\"0.05\"", 2), text);
        Assert.Contains("replication_request_wait_seconds_sum{volume=\"vm1\"} 0.01\n", text);
        Assert.Contains(Line("replication_requests_total", "vm2", "checkpoint", "result=\"ok\"", 1), text);
        Assert.DoesNotContain("duration_seconds_count{volume=\"vm1\",kind=\"write\"}", text);
        Assert.Equal("", await Promtool.CheckAsync(text));
    }

    [Fact]
    public void Counting_a_request_allocates_nothing()
    {
        RequestReport report = Report("vm1", RequestKind.Write, waitedMs: 1, tookMs: 1);
        _metrics.OnEnded(in report);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int count = 0; count < 1000; count++)
        {
            _metrics.OnEnded(in report);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public async Task Volumes_past_the_limit_are_counted_together()
    {
        for (int volume = 0; volume < SeriesLimits.VolumesMax + 5; volume++)
        {
            _metrics.OnEnded(Report($"vm{volume}", RequestKind.Read, waitedMs: 0, tookMs: 1));
        }

        string text = await TextAsync();

        Assert.Contains(Line("replication_requests_total", "(others)", "read", "result=\"ok\"", 5), text);
        Assert.Contains(Line("replication_requests_total", "vm999", "read", "result=\"ok\"", 1), text);
        Assert.DoesNotContain("vm1000", text);
    }

    [Fact]
    public async Task A_volume_that_is_gone_is_shown_no_longer_and_its_counters_go_on_if_it_comes_again()
    {
        _metrics.OnEnded(Report("vm1", RequestKind.Read, waitedMs: 0, tookMs: 1));
        _metrics.OnEnded(Report("vm2", RequestKind.Read, waitedMs: 0, tookMs: 1));

        _metrics.Keep(new HashSet<string> { "vm2" });
        Assert.Contains("vm1", await TextAsync());
        _metrics.Keep(new HashSet<string> { "vm2" });

        string text = await TextAsync();
        Assert.DoesNotContain("vm1", text);
        Assert.Contains("vm2", text);
        _metrics.OnEnded(Report("vm1", RequestKind.Read, waitedMs: 0, tookMs: 1));
        _metrics.Keep(new HashSet<string> { "vm1", "vm2" });
        Assert.Contains(
            Line("replication_requests_total", "vm1", "read", "result=\"ok\"", 2), await TextAsync());
    }

    [Fact]
    public async Task Volumes_that_come_and_go_make_room_for_others_and_never_more_series_than_the_limit()
    {
        for (int round = 0; round < 4; round++)
        {
            string[] present =
                [.. Enumerable.Range(0, SeriesLimits.VolumesMax).Select(number => $"vm{round}.{number}")];
            foreach (string volume in present)
            {
                _metrics.OnEnded(Report(volume, RequestKind.Read, waitedMs: 0, tookMs: 1));
            }

            _metrics.Keep(present.ToHashSet());
            _metrics.Keep(present.ToHashSet());
            string text = await TextAsync();
            int series = text.Split("replication_request_wait_seconds_count{").Length - 1;
            Assert.InRange(series, SeriesLimits.VolumesMax / 2, SeriesLimits.VolumesMax + 1);
            _metrics.Keep(new HashSet<string>());
            _metrics.Keep(new HashSet<string>());
        }
    }

    private static string Line(string name, string volume, string kind, string label, int value) =>
        $"{name}{{volume=\"{volume}\",kind=\"{kind}\",{label}}} {value}\n";

    private RequestReport Report(string volume, RequestKind kind, int waitedMs, int tookMs, int errno = 0)
    {
        long arrivedAt = _time.GetTimestamp();
        long Later(int elapsedMs) => arrivedAt + (elapsedMs * _time.TimestampFrequency / 1000);
        return new RequestReport
        {
            Id = new RequestId(1, 1),
            VolumeName = volume,
            VolumeId = Guid.Empty,
            Kind = kind,
            OffsetBytes = 0,
            LengthBytes = 4096,
            ArrivedAt = arrivedAt,
            StartedAt = Later(waitedMs),
            AnsweredAt = Later(tookMs),
            EndedAt = Later(1000),
            Errno = errno,
            Reason = null,
            Children = [],
        };
    }

    private async Task<string> TextAsync()
    {
        MetricSet set = new();
        await _metrics.CollectAsync(set, CancellationToken.None);
        return Encoding.UTF8.GetString(PrometheusText.Write(set));
    }
}
