namespace Replication.Host.Telemetry;

/// <summary><c>otlp</c>: where OpenTelemetry's collector is, and how it is sent to.</summary>
internal sealed record OtlpSettings
{
    /// <summary>
    /// <c>endpoint</c>: the collector's URI for HTTP with protobuf, to which <c>/v1/metrics</c> and
    /// <c>/v1/traces</c> are added; null: nothing is sent, and nothing is measured for it.
    /// </summary>
    public Uri? Endpoint { get; init; }

    /// <summary><c>headers</c>: NAME=VALUE,NAME=VALUE, added to every request.</summary>
    public string Headers { get; init; } = "";

    /// <summary><c>interval</c>: between two sendings of metrics.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// <c>trace-ratio</c>: which part of all requests is sent as traces, 0 to 1; every node picks the same.
    /// </summary>
    public double TraceRatio { get; init; } = 0.01;

    /// <summary><c>timeout</c>: what was not taken by then is lost.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
