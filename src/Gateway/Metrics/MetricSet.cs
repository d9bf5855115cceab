namespace Replication.Gateway.Metrics;

/// <summary>
/// What one look at the process found: families in the order in which they were first added, however their
/// samples were mixed, since Prometheus wants each family in one piece. Not for several threads at a time.
/// </summary>
public sealed class MetricSet
{
    private readonly Dictionary<string, MetricFamily> _byName = new(StringComparer.Ordinal);
    private readonly List<MetricFamily> _families = [];

    /// <summary>All families with at least one sample.</summary>
    public IReadOnlyList<MetricFamily> Families => _families;

    /// <summary>The family of that name; null when nothing was added to it.</summary>
    public MetricFamily? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Adds a number.</summary>
    /// <param name="descriptor">Whose it is; no histogram.</param>
    /// <param name="value">The number, in the metric's unit.</param>
    /// <param name="labels">A value for each label.</param>
    /// <exception cref="InvalidOperationException">There are not as many values as labels, or the metric is
    /// of the other kind.</exception>
    public void Add(MetricDescriptor descriptor, double value, params string[] labels)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        Check(descriptor, isHistogram: false, labels);
        FamilyOf(descriptor).Add(new MetricSample(labels, value, Histogram: null));
    }

    /// <summary>Adds a histogram; the same for the rest.</summary>
    public void Add(MetricDescriptor descriptor, HistogramSnapshot histogram, params string[] labels)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        Check(descriptor, isHistogram: true, labels);
        FamilyOf(descriptor).Add(new MetricSample(labels, 0, histogram));
    }

    /// <summary>Adds all samples of a family.</summary>
    internal void Add(MetricFamily family)
    {
        MetricFamily into = FamilyOf(family.Descriptor);
        foreach (MetricSample sample in family.Samples)
        {
            into.Add(sample);
        }
    }

    private static void Check(MetricDescriptor descriptor, bool isHistogram, string[] labels)
    {
        if (labels.Length != descriptor.Labels.Length
            || isHistogram != (descriptor.Kind == MetricKind.Histogram))
        {
            throw new InvalidOperationException(
                $"{descriptor.Name} is a {descriptor.Kind} with {descriptor.Labels.Length} labels");
        }
    }

    private MetricFamily FamilyOf(MetricDescriptor descriptor)
    {
        if (!_byName.TryGetValue(descriptor.Name, out MetricFamily? family))
        {
            family = new MetricFamily(descriptor);
            _byName.Add(descriptor.Name, family);
            _families.Add(family);
        }

        return family;
    }
}
