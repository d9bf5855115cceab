using System.Text;
using Replication.Actors;
using Replication.Gateway.Metrics;
using Replication.Host.Telemetry;
using Replication.Messages;
using Replication.ReplicaNode.Observing;
using Replication.ReplicaNode.Storage;

namespace Replication.Host.Tests.Telemetry;

/// <summary>What a storage node counts of its replicas, over volumes that come and go.</summary>
public sealed class ReplicaMetricsTests
{
    private const string Vm1 =
        "replication_replica_requests_total{node=\"node1\",volume=\"vm1\",operation=\"read\",result=\"ok\"} ";

    private readonly Storage _storage = new();
    private readonly ReplicaMetrics _metrics;

    public ReplicaMetricsTests() =>
        _metrics = new ReplicaMetrics("node1", TimeProvider.System, mirrors: null) { Storage = _storage };

    [Fact]
    public async Task A_volume_that_is_no_longer_here_is_not_shown_and_its_counters_never_go_back()
    {
        _storage.Volumes = ["vm1"];
        _metrics.OnAnswered(Answered("vm1"));
        Assert.Contains(Vm1 + "1\n", await TextAsync(), StringComparison.Ordinal);

        _storage.Volumes = [];
        await TextAsync();
        Assert.DoesNotContain("vm1", await TextAsync(), StringComparison.Ordinal);

        _storage.Volumes = ["vm1"];
        _metrics.OnAnswered(Answered("vm1"));
        Assert.Contains(Vm1 + "2\n", await TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_more_volumes_than_the_limit_came_and_went_a_new_one_still_has_its_own_series()
    {
        for (int number = 0; number < SeriesLimits.VolumesMax; number++)
        {
            _metrics.OnAnswered(Answered($"old{number}"));
        }

        _metrics.OnAnswered(Answered("vm1"));
        string full = await TextAsync();
        Assert.DoesNotContain(Vm1, full, StringComparison.Ordinal);
        Assert.Contains("volume=\"(others)\"", full, StringComparison.Ordinal);
        await TextAsync();

        _storage.Volumes = ["vm1"];
        _metrics.OnAnswered(Answered("vm1"));

        Assert.Contains(Vm1 + "1\n", await TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Counting_a_request_allocates_nothing_also_for_a_volume_past_the_limit()
    {
        for (int number = 0; number <= SeriesLimits.VolumesMax; number++)
        {
            _metrics.OnAnswered(Answered($"vm{number}"));
        }

        ReplicaReport first = Answered("vm0");
        ReplicaReport other = Answered($"vm{SeriesLimits.VolumesMax}");
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count = 0; count < 1000; count++)
        {
            _metrics.OnAnswered(in first);
            _metrics.OnAnswered(in other);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static ReplicaReport Answered(string volume) =>
        Reports.Answered(ReplicaOperation.Read) with { VolumeName = volume };

    private async Task<string> TextAsync()
    {
        MetricSet set = new();
        await _metrics.CollectAsync(set, CancellationToken.None);
        return Encoding.UTF8.GetString(PrometheusText.Write(set));
    }

    private sealed class Storage : CallbackRef
    {
        internal string[] Volumes { get; set; } = [];

        protected override void OnMessage(object message, IActorRef? sender) =>
            sender!.Tell(new ReplicaList(
                [.. Volumes.Select(static name => new ReplicaStatus(name, 0, 0, 0))]));
    }
}
