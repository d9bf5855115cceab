namespace Replication.Gateway.Metrics;

/// <summary>What a metric's numbers mean.</summary>
public enum MetricKind
{
    /// <summary>It counts up from the start of the process.</summary>
    Counter,

    /// <summary>It goes up and down.</summary>
    Gauge,

    /// <summary>It counts how many took how long.</summary>
    Histogram,
}
