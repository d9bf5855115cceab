using System.Runtime.CompilerServices;
using Replication.Gateway.Metrics;

namespace Replication.Host.Tests.Telemetry;

/// <summary>docs/metrics.md says what there is.</summary>
public sealed class MetricsDocumentTests
{
    [Fact]
    public void Every_metric_has_its_row_and_there_is_no_other()
    {
        string[] rows = [.. File.ReadLines(Document())
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal)
                && !line.StartsWith("| `/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];

        Assert.Equal(MetricCatalog.All.Select(Row).Order(StringComparer.Ordinal), rows);
    }

    private static string Row(MetricDescriptor metric)
    {
        string kind = metric.Kind.ToString().ToLowerInvariant();
        string labels = metric.Labels.IsEmpty ? "–" : string.Join(", ", metric.Labels);
        return $"| `{metric.Name}` | {kind} | {labels} | {metric.Help} |";
    }

    private static string Document([CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "docs", "metrics.md");
}
