using System.Collections.Immutable;

namespace Replication.Gateway.Metrics;

/// <summary>
/// One metric: what Prometheus calls a family. Its units are Prometheus's, seconds and bytes, and the last
/// part of its name, before the <c>_total</c> of a counter.
/// </summary>
/// <param name="Name">The grammar is Prometheus's.</param>
/// <param name="Kind">What its numbers mean.</param>
/// <param name="Help">One sentence for people.</param>
/// <param name="Labels">The names of its labels; each sample has a value for each of them.</param>
public sealed record MetricDescriptor(
    string Name, MetricKind Kind, string Help, ImmutableArray<string> Labels);
