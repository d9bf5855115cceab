using System.Buffers;
using System.Globalization;
using System.Text;

namespace Replication.Gateway.Metrics;

/// <summary>
/// Prometheus's text format, version 0.0.4: for each family its help, its type, and a line for each sample;
/// of a histogram a line for each bucket with all that fell below its bound, then the sum and the count.
/// </summary>
public static class PrometheusText
{
    /// <summary>The media type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly SearchValues<char> ToEscape = SearchValues.Create("\\\"\n");

    /// <summary>Everything in a set, in UTF-8.</summary>
    public static byte[] Write(MetricSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        StringBuilder text = new();
        foreach (MetricFamily family in set.Families)
        {
            Write(text, family);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Write(StringBuilder text, MetricFamily family)
    {
        MetricDescriptor metric = family.Descriptor;
        text.Append("# HELP ").Append(metric.Name).Append(' ');

        // Of a help, quotes stay as they are.
        text.Append(metric.Help.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal));
        text.Append("\n# TYPE ").Append(metric.Name).Append(' ').Append(TypeOf(metric)).Append('\n');
        foreach (MetricSample sample in family.Samples)
        {
            if (sample.Histogram is { } histogram)
            {
                Write(text, metric, sample, histogram);
            }
            else
            {
                Line(text, metric, suffix: "", sample, bound: null, sample.Value);
            }
        }
    }

    private static void Write(
        StringBuilder text, MetricDescriptor metric, MetricSample sample, HistogramSnapshot histogram)
    {
        long below = 0;
        for (int bucket = 0; bucket < histogram.Counts.Length; bucket++)
        {
            below += histogram.Counts[bucket];
            double bound = bucket < LatencyHistogram.BoundsSeconds.Length
                ? LatencyHistogram.BoundsSeconds[bucket]
                : double.PositiveInfinity;
            Line(text, metric, "_bucket", sample, bound, below);
        }

        Line(text, metric, "_sum", sample, bound: null, histogram.SumSeconds);
        Line(text, metric, "_count", sample, bound: null, below);
    }

    private static void Line(
        StringBuilder text,
        MetricDescriptor metric,
        string suffix,
        MetricSample sample,
        double? bound,
        double value)
    {
        text.Append(metric.Name).Append(suffix);
        char separator = '{';
        for (int label = 0; label < sample.Labels.Length; label++)
        {
            text.Append(separator).Append(metric.Labels[label]).Append("=\"");
            Escape(text, sample.Labels[label]);
            text.Append('"');
            separator = ',';
        }

        if (bound is { } upper)
        {
            text.Append(separator).Append("le=\"").Append(Number(upper)).Append('"');
            separator = ',';
        }

        text.Append(separator == ',' ? "} " : " ").Append(Number(value)).Append('\n');
    }

    private static void Escape(StringBuilder text, string value)
    {
        if (value.AsSpan().IndexOfAny(ToEscape) < 0)
        {
            text.Append(value);
            return;
        }

        foreach (char letter in value)
        {
            _ = letter switch
            {
                '\\' => text.Append("\\\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append("\\n"),
                _ => text.Append(letter),
            };
        }
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string TypeOf(MetricDescriptor metric) => metric.Kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        _ => "histogram",
    };
}
