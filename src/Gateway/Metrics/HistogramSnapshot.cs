using System.Collections.Immutable;

namespace Replication.Gateway.Metrics;

/// <summary>A histogram at one moment.</summary>
/// <param name="Counts">
/// How many fell into each bucket alone: one for each of <see cref="LatencyHistogram.BoundsSeconds"/>,
/// and one for what is past them.
/// </param>
/// <param name="SumSeconds">What all of them took together.</param>
public sealed record HistogramSnapshot(ImmutableArray<long> Counts, double SumSeconds);
