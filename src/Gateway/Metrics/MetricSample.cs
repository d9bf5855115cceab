namespace Replication.Gateway.Metrics;

/// <summary>One number, or one histogram, of a family.</summary>
/// <param name="Labels">The values of the family's labels, in their order.</param>
/// <param name="Value">The number; for a histogram not used.</param>
/// <param name="Histogram">Null for numbers.</param>
public sealed record MetricSample(string[] Labels, double Value, HistogramSnapshot? Histogram);
