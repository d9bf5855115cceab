using Replication.Gateway.Metrics;

namespace Replication.Gateway.Http.Pages;

/// <summary><c>/metrics</c>: all numbers of the process, for Prometheus.</summary>
public sealed class MetricsPage(MetricRegistry metrics) : IHttpPage
{
    /// <inheritdoc/>
    public string Path => "/metrics";

    /// <inheritdoc/>
    public async ValueTask<HttpAnswer> RenderAsync(CancellationToken cancellation)
    {
        MetricSet set = await metrics.CollectAsync(cancellation);
        return new HttpAnswer(200, PrometheusText.ContentType, PrometheusText.Write(set));
    }
}
