using System.Text;
using Replication.Actors;
using Replication.Cluster;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Http;
using Replication.Gateway.Metrics;
using Replication.Gateway.Metrics.Sources;
using Replication.TestKit;

namespace Replication.Gateway.Tests.Metrics;

/// <summary>What the store, the events and the volumes give to <c>/metrics</c> and <c>/readyz</c>.</summary>
public sealed class SourcesTests
{
    [Fact]
    public async Task Changes_of_the_store_are_counted_by_result_and_timed()
    {
        Store store = new();
        StoreMetrics metrics = new(store);
        store.Result = new StoreResult.Done(1);
        await metrics.CompareAndSetAsync("a", 0, default);
        store.Result = new StoreResult.Conflict(Current: null);
        await metrics.DeleteAsync("a", 1);
        store.Result = null;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => metrics.DeleteAsync("a", 1));

        string text = await TextAsync(metrics);

        Assert.Contains("replication_store_writes_total{result=\"written\"} 1\n", text);
        Assert.Contains("replication_store_writes_total{result=\"conflict\"} 1\n", text);
        Assert.Contains("replication_store_writes_total{result=\"failed\"} 1\n", text);
        Assert.Contains("replication_store_write_duration_seconds_count 3\n", text);
        Assert.Contains("replication_store_up 0\n", text);
        store.Result = new StoreResult.Done(2);
        Assert.Contains("replication_store_up 1\n", await TextAsync(metrics));
    }

    [Fact]
    public async Task Events_are_counted_by_name()
    {
        EventMetrics metrics = new();
        metrics.Tell(new QuorumFailure(DateTimeOffset.UnixEpoch, "vm1", 0, 8));
        metrics.Tell(new QuorumFailure(DateTimeOffset.UnixEpoch, "vm2", 0, 8));
        metrics.Tell(new RangeRepaired(DateTimeOffset.UnixEpoch, "vm1-node1", 0, 8));

        string text = await TextAsync(metrics);

        Assert.Contains("replication_events_total{event=\"QUORUM_FAILURE\"} 2\n", text);
        Assert.Contains("replication_events_total{event=\"RANGE_REPAIRED\"} 1\n", text);
    }

    [Fact]
    public async Task Volumes_show_their_condition_their_children_and_how_far_a_resync_is()
    {
        Gateway gateway = new(Volume("vm1", VolumeCondition.Degraded));
        VolumeMetrics metrics = new(gateway, new RequestMetrics(TimeProvider.System));

        string text = await TextAsync(metrics);

        const string Child = "volume=\"vm1\",child=\"children.0\",node=\"node1\"";
        Assert.Contains("replication_volume_condition{volume=\"vm1\",condition=\"degraded\"} 1\n", text);
        Assert.Contains("replication_volume_condition{volume=\"vm1\",condition=\"healthy\"} 0\n", text);
        Assert.Contains("replication_volume_unreconciled_bytes{volume=\"vm1\"} 65536\n", text);
        Assert.Contains("replication_requests_running{volume=\"vm1\"} 3\n", text);
        Assert.Contains("replication_requests_waiting{volume=\"vm1\"} 4\n", text);
        Assert.Contains("replication_requests_waiting_for_lock{volume=\"vm1\"} 2\n", text);
        Assert.Contains($"replication_child_state{{{Child},state=\"stale\"}} 1\n", text);
        Assert.Contains($"replication_child_state{{{Child},state=\"synced\"}} 0\n", text);
        Assert.Contains($"replication_child_open{{{Child}}} 1\n", text);
        Assert.Contains($"replication_child_votes_lost_total{{{Child}}} 1\n", text);
        Assert.Contains($"replication_child_repairs_total{{{Child}}} 2\n", text);
        Assert.Contains($"replication_child_errors_total{{{Child},operation=\"read\"}} 3\n", text);
        Assert.Contains($"replication_child_errors_total{{{Child},operation=\"write\"}} 4\n", text);
        Assert.Contains($"replication_child_errors_total{{{Child},operation=\"flush\"}} 5\n", text);
        Assert.Contains($"replication_resync_done_bytes{{{Child}}} 10\n", text);
        Assert.Contains($"replication_resync_remaining_bytes{{{Child}}} 20\n", text);
        Assert.Contains($"replication_resync_copied_bytes{{{Child}}} 5\n", text);
        Assert.Contains($"replication_resync_bytes_per_second{{{Child}}} 7\n", text);
        Assert.Equal("", await Promtool.CheckAsync(text));
    }

    [Fact]
    public async Task Counters_of_children_go_on_where_a_new_actor_of_the_volume_counts_anew()
    {
        const string Lost =
            "replication_child_votes_lost_total{volume=\"vm1\",child=\"children.0\",node=\"node1\"} ";
        Gateway gateway = new(Volume("vm1", VolumeCondition.Degraded, votesLost: 7));
        VolumeMetrics metrics = new(gateway, new RequestMetrics(TimeProvider.System));
        Assert.Contains(Lost + "7\n", await TextAsync(metrics));

        // Deleted for longer than is shown, and made again.
        gateway.Volumes = [];
        for (int look = 0; look < 3; look++)
        {
            Assert.DoesNotContain(Lost, await TextAsync(metrics));
        }

        gateway.Volumes = [Volume("vm1", VolumeCondition.Healthy, votesLost: 0)];
        Assert.Contains(Lost + "7\n", await TextAsync(metrics));
        gateway.Volumes = [Volume("vm1", VolumeCondition.Healthy, votesLost: 2)];
        Assert.Contains(Lost + "9\n", await TextAsync(metrics));
    }

    [Theory]
    [InlineData(VolumeCondition.Opening, false)]
    [InlineData(VolumeCondition.Healthy, true)]
    [InlineData(VolumeCondition.Degraded, true)]
    [InlineData(VolumeCondition.Suspended, false)]
    [InlineData(VolumeCondition.Failed, false)]
    [InlineData(VolumeCondition.Stopped, false)]
    public async Task A_gateway_is_ready_while_every_volume_serves(VolumeCondition condition, bool isReady)
    {
        Gateway gateway = new(Volume("vm1", VolumeCondition.Healthy), Volume("vm2", condition));
        StoreMetrics store = new(new Store { Result = new StoreResult.Done(1) });

        IReadOnlyList<string> reasons =
            await new GatewayReadiness(gateway, store).ReasonsAsync(CancellationToken.None);

        Assert.Equal(
            isReady ? [] : [$"volume vm2 is {condition.ToString().ToLowerInvariant()}: of a reason"],
            reasons);
    }

    [Fact]
    public async Task A_volume_that_does_not_answer_is_named_and_the_gauges_of_the_others_stay()
    {
        Gateway gateway = new(
            Volume("vm1", VolumeCondition.Healthy),
            Volume("vm2", VolumeCondition.Healthy) with { Answers = false });
        StoreMetrics store = new(new Store { Result = new StoreResult.Done(1) });

        string text = await TextAsync(new VolumeMetrics(gateway, new RequestMetrics(TimeProvider.System)));

        Assert.Equal(
            ["volume vm2 does not answer"],
            await new GatewayReadiness(gateway, store).ReasonsAsync(CancellationToken.None));
        Assert.Contains("replication_volume_answers{volume=\"vm1\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("replication_volume_answers{volume=\"vm2\"} 0\n", text, StringComparison.Ordinal);
        Assert.Contains("replication_volume_size_bytes{volume=\"vm1\"}", text, StringComparison.Ordinal);
        Assert.DoesNotContain("size_bytes{volume=\"vm2\"}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_is_not_ready_while_its_store_or_its_volumes_do_not_answer()
    {
        StoreMetrics failed = new(new Store());
        StoreMetrics good = new(new Store { Result = new StoreResult.Done(1) });

        IReadOnlyList<string> store =
            await new GatewayReadiness(new Gateway(), failed).ReasonsAsync(CancellationToken.None);
        IReadOnlyList<string> volumes =
            await new GatewayReadiness(new SilentGateway(), good).ReasonsAsync(CancellationToken.None);

        Assert.Equal(["the store of the volumes' records does not answer: the disk is gone"], store);
        Assert.Equal(["the volumes do not answer"], volumes);
    }

    private static VolumeStatus Volume(string name, VolumeCondition condition, int votesLost = 1) => new(
        name,
        Guid.Empty,
        1 << 20,
        new VolumeOptions { Threshold = 2 },
        Epoch: 1,
        condition,
        condition == VolumeCondition.Healthy ? null : "of a reason",
        UnreconciledBytes: 65_536,
        [
            new ChildStatus(
                "children.0",
                "node1",
                $"{name}-node1",
                ChildState.Stale,
                ChildLink.Open,
                Since: null,
                Reason: null,
                LastLostVote: null,
                new ChildCounters(votesLost, 2, 3, 4, 5))
            {
                Resync = new ResyncProgress(10, 20, 5, 7, 3),
            },
        ])
    {
        RequestsRunning = 3,
        RequestsWaiting = 4,
        LockWaiters = 2,
    };

    private static async Task<string> TextAsync(IMetricSource source)
    {
        MetricSet set = new();
        await source.CollectAsync(set, CancellationToken.None);
        return Encoding.UTF8.GetString(PrometheusText.Write(set));
    }

    private sealed class Gateway(params VolumeStatus[] volumes) : CallbackRef
    {
        internal VolumeStatus[] Volumes { get; set; } = volumes;

        protected override void OnMessage(object message, IActorRef? sender) =>
            sender!.Tell(new VolumeList(Volumes));
    }

    private sealed class SilentGateway : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender)
        {
            // It is too busy, or gone.
        }
    }

    /// <summary>Gives the result that it is told to; with none it fails.</summary>
    private sealed class Store : IClusterStore
    {
        internal StoreResult? Result { get; set; }

        public Task<StoreEntry?> GetAsync(string key) => Result is null
            ? Task.FromException<StoreEntry?>(new StoreUnavailableException("the disk is gone"))
            : Task.FromResult<StoreEntry?>(null);

        public Task<IReadOnlyList<StoreEntry>> ListAsync(string prefix) =>
            Task.FromResult<IReadOnlyList<StoreEntry>>([]);

        public Task<StoreResult> CompareAndSetAsync(
            string key, long expectedRevision, ReadOnlyMemory<byte> value) => Change();

        public Task<StoreResult> DeleteAsync(string key, long expectedRevision) => Change();

        private Task<StoreResult> Change() => Result is null
            ? Task.FromException<StoreResult>(new StoreUnavailableException("the disk is gone"))
            : Task.FromResult(Result);
    }
}
