using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Replication.Gateway.Metrics;
using Replication.TestKit;

namespace Replication.Host.Tests.Telemetry;

/// <summary>docs/metrics.md says what there is.</summary>
public sealed partial class MetricsDocumentTests
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

    [GeneratedRegex("replication_[a-z_]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex MetricName { get; }

    [Fact]
    public async Task Prometheus_takes_its_alerts_and_they_are_about_metrics_that_there_are()
    {
        string text = await File.ReadAllTextAsync(Document());
        string rules = text.Split("```yaml\n")[1].Split("```")[0];
        int alerts = rules.Split("- alert:").Length - 1;

        string said = await Promtool.CheckRulesAsync(rules);

        Assert.Contains($"SUCCESS: {alerts} rules found", said, StringComparison.Ordinal);
        HashSet<string> known = [.. MetricCatalog.All.Select(static metric => metric.Name)];
        IEnumerable<string> named = MetricName.Matches(text.Split("## Questions")[1])
            .Select(static match => match.Value.Replace("_bucket", "", StringComparison.Ordinal));
        Assert.All(named, name => Assert.Contains(name, known));
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
