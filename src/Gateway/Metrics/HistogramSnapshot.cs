using System.Collections.Immutable;

namespace Replication.Gateway.Metrics;

/// <summary>A histogram at one moment.</summary>
/// <param name="BoundsSeconds">The buckets' upper bounds, rising; a last bucket has no bound.</param>
/// <param name="Counts">How many fell into each bucket alone: one more number than bounds.</param>
/// <param name="SumSeconds">What all of them took together.</param>
public sealed record HistogramSnapshot(
    ImmutableArray<double> BoundsSeconds, ImmutableArray<long> Counts, double SumSeconds);
