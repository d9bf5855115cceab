namespace Replication.Gateway.Metrics;

/// <summary>A metric with its samples of one moment.</summary>
public sealed class MetricFamily(MetricDescriptor descriptor)
{
    private readonly List<MetricSample> _samples = [];

    /// <summary>What it is.</summary>
    public MetricDescriptor Descriptor { get; } = descriptor;

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<MetricSample> Samples => _samples;

    internal void Add(MetricSample sample) => _samples.Add(sample);
}
