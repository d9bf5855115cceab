using Replication.Gateway.Http;
using Replication.Gateway.Http.Pages;
using Replication.Gateway.Listening;
using Replication.Gateway.Metrics;
using Replication.Gateway.Metrics.Sources;

namespace Replication.Host.Telemetry;

/// <summary>
/// What a process shows of itself: numbers and readiness over HTTP, and by OTLP where that is configured. It
/// is made before the roles of a node, which add their parts, and ends after them.
/// </summary>
internal sealed class ProcessTelemetry : IAsyncDisposable
{
    private readonly ReadyPage _ready = new();
    private OtlpMetrics? _otlpMetrics;
    private OtlpTraces? _otlpTraces;
    private HttpDoor? _http;

    private ProcessTelemetry(string node, OtlpSettings otlp)
    {
        string version = typeof(ProcessTelemetry).Assembly.GetName().Version!.ToString(fieldCount: 3);
        Metrics.Add(new ProcessMetrics(version, node));
        _otlpMetrics = otlp.Endpoint is null ? null : OtlpMetrics.Start(Metrics, node, otlp);
        _otlpTraces = otlp.Endpoint is null || otlp.TraceRatio == 0 ? null : OtlpTraces.Start(node, otlp);
    }

    /// <summary>All numbers of the process.</summary>
    public MetricRegistry Metrics { get; } = new();

    /// <summary>Who is told of latencies besides the histograms; null when nobody is.</summary>
    public ILatencyMirrors? Mirrors => _otlpMetrics;

    /// <summary>Where spans go; null where no traces are sent.</summary>
    public OtlpTraces? Traces => _otlpTraces;

    /// <summary>Starts what is configured; no door is open yet.</summary>
    /// <param name="node">The node's name, for those who get the numbers of many.</param>
    /// <param name="otlp">Whether and where to send.</param>
    public static ProcessTelemetry Start(string node, OtlpSettings otlp) => new(node, otlp);

    /// <summary>Parts that have numbers.</summary>
    public void AddNumbers(params IMetricSource[] sources) => Array.ForEach(sources, Metrics.Add);

    /// <summary>A part that has to work for the process to be ready.</summary>
    public void AddCheck(IReadinessCheck check) => _ready.Add(check);

    /// <summary>Opens HTTP.</summary>
    /// <param name="address">Where.</param>
    /// <param name="nextIfTaken">Whether another port will do.</param>
    /// <returns>Where it really is.</returns>
    /// <exception cref="ListenException">The address cannot be had.</exception>
    public async Task<ListenAddress> OpenHttpAsync(ListenAddress address, bool nextIfTaken)
    {
        IHttpPage[] pages = [new HealthPage(), _ready, new MetricsPage(Metrics)];
        _http = await HttpDoor.OpenAsync(address, pages, nextIfTaken);
        return _http.Address;
    }

    /// <summary>The process is still starting, and waits for this.</summary>
    public void SetWaiting(string reason) => _ready.SetObstacle(reason);

    /// <summary>From here on the parts say whether the process is ready.</summary>
    public void SetStarted() => _ready.SetObstacle(reason: null);

    /// <summary>
    /// The roles are about to end: the process is not ready any more, and sends its last numbers while there
    /// is somebody to ask for them.
    /// </summary>
    public async Task BeginStopAsync()
    {
        _ready.SetObstacle("the process is stopping");
        if (Interlocked.Exchange(ref _otlpMetrics, null) is { } sending)
        {
            await Task.Run(sending.Dispose);
        }
    }

    /// <summary>The roles have ended: the door closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await BeginStopAsync();
        if (Interlocked.Exchange(ref _otlpTraces, null) is { } sending)
        {
            await Task.Run(sending.Dispose);
        }

        await (_http?.DisposeAsync() ?? ValueTask.CompletedTask);
        Metrics.Dispose();
    }
}
