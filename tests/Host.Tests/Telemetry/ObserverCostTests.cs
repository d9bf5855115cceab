using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Coordinator.Observing;
using Replication.Gateway.Metrics.Sources;
using Replication.Host.Logging;
using Replication.Host.Nodes;
using Replication.Host.Telemetry;
using Replication.Messages;
using Replication.ReplicaNode.Observing;

namespace Replication.Host.Tests.Telemetry;

/// <summary>
/// What all that watches a request costs together: no allocation, whether nothing is sent anywhere or the
/// request is not among those whose spans are sent.
/// </summary>
public sealed class ObserverCostTests : IAsyncLifetime
{
    private const int Count = 1000;

    private readonly TemporaryFolder _folder = new();
    private readonly ActorSystem _system = ActorSystem.Create("gate");
    private readonly LogSettings _settings = new();
    private LogFile _log = null!;

    public Task InitializeAsync()
    {
        _log = LogFile.Open(_folder.File("log"), _settings, copy: null);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _log.DisposeAsync();
        await _system.Terminate();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://127.0.0.1:1")]
    public async Task A_request_of_a_gateway_allocates_nothing_for_those_who_watch(string? endpoint)
    {
        await using ProcessTelemetry telemetry = Telemetry(endpoint);
        RequestObservers observers = new(
        [
            new RequestMetrics(_system.Options.Time, telemetry.Mirrors),
            .. NodeObservers.OfRequests(_system, _settings, _log, telemetry),
        ]);
        long now = _system.Options.Time.GetTimestamp();
        RequestReport report = Reports.Requested(RequestKind.Write, now, now);

        AssertAllocatesNothing(() => observers.OnEnded(in report));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://127.0.0.1:1")]
    public async Task A_request_of_a_storage_node_and_its_disk_allocate_nothing_for_those_who_watch(
        string? endpoint)
    {
        await using ProcessTelemetry telemetry = Telemetry(endpoint);
        DiskMetrics disk = new("n1", telemetry.Mirrors);
        ReplicaObservers observers = new(
        [
            new ReplicaMetrics("n1", _system.Options.Time, telemetry.Mirrors),
            .. NodeObservers.OfReplicas(_system, _settings, _log, telemetry),
        ]);
        long now = _system.Options.Time.GetTimestamp();
        ReplicaReport report = Reports.Answered(ReplicaOperation.Write, now, now);

        AssertAllocatesNothing(() =>
        {
            observers.OnAnswered(in report);
            disk.OnDone(DiskOperationKind.Write, 4096, TimeSpan.FromMilliseconds(1), Errno.None);
        });
    }

    private static ProcessTelemetry Telemetry(string? endpoint) => ProcessTelemetry.Start(
        "gate",
        new OtlpSettings
        {
            Endpoint = endpoint is null ? null : new Uri(endpoint),
            TraceRatio = 1e-9,
            Interval = TimeSpan.FromMinutes(10),
            Timeout = TimeSpan.FromMilliseconds(100),
        });

    private static void AssertAllocatesNothing(Action request)
    {
        // The first one of a volume makes its series.
        request();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int count = 0; count < Count; count++)
        {
            request();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
