namespace Replication.Gateway.Metrics;

/// <summary>
/// A part of the process that has numbers. It is asked when somebody looks; until then it does at most what
/// counting costs.
/// </summary>
public interface IMetricSource
{
    /// <summary>What failures of it are filed under: a short fixed word.</summary>
    string Name { get; }

    /// <summary>
    /// Adds its numbers of now. One call at a time; what it throws is counted, and its numbers are left out.
    /// </summary>
    ValueTask CollectAsync(MetricSet into, CancellationToken cancellation);
}
