using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;

namespace Replication.Host.Telemetry;

/// <summary>What metrics and traces have in common when they are sent by OTLP.</summary>
internal static class OtlpExport
{
    /// <summary>The path of metrics below the endpoint.</summary>
    public const string MetricsPath = "v1/metrics";

    /// <summary>The path of traces below the endpoint.</summary>
    public const string TracesPath = "v1/traces";

    private const string ServiceName = "replication";

    /// <summary>Who sends: this program, as this node.</summary>
    public static ResourceBuilder Resource(string node) => ResourceBuilder.CreateEmpty().AddService(
        ServiceName,
        serviceVersion: typeof(OtlpExport).Assembly.GetName().Version!.ToString(fieldCount: 3),
        serviceInstanceId: node);

    /// <summary>Where and how it is sent.</summary>
    /// <param name="options">What the exporter takes.</param>
    /// <param name="settings">An endpoint is set.</param>
    /// <param name="path">What is sent: one of the paths here.</param>
    public static void Configure(OtlpExporterOptions options, OtlpSettings settings, string path)
    {
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = new Uri($"{settings.Endpoint!.AbsoluteUri.TrimEnd('/')}/{path}");
        options.TimeoutMilliseconds = (int)settings.Timeout.TotalMilliseconds;
        if (settings.Headers.Length > 0)
        {
            options.Headers = settings.Headers;
        }
    }
}
