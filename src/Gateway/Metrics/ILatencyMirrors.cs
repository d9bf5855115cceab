namespace Replication.Gateway.Metrics;

/// <summary>
/// Somebody who counts the same latencies in a way of its own, as OpenTelemetry does: it has no use for a
/// histogram that is counted already.
/// </summary>
public interface ILatencyMirrors
{
    /// <summary>The mirror of one histogram.</summary>
    /// <param name="metric">Whose.</param>
    /// <param name="labels">Its labels' values.</param>
    ILatencyMirror Of(MetricDescriptor metric, params string[] labels);
}
