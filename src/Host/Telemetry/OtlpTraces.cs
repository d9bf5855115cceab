using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Replication.Host.Telemetry;

/// <summary>Sends spans of the process by OTLP; what is not taken in time is lost.</summary>
internal sealed class OtlpTraces : IDisposable
{
    /// <summary>The spans' scope.</summary>
    public const string SourceName = "Replication";

    /// <summary>How long the last sending may take when the process ends.</summary>
    private const int ShutdownTimeoutMs = 2000;

    private readonly TracerProvider _provider;

    private OtlpTraces(string node, OtlpSettings settings)
    {
        Ratio = settings.TraceRatio;
        _provider = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(OtlpExport.Resource(node))
            .AddSource(SourceName)
            .SetSampler(new AlwaysOnSampler())
            .AddOtlpExporter(exporter => OtlpExport.Configure(exporter, settings, OtlpExport.TracesPath))
            .Build();
    }

    /// <summary>Where spans are started; it hears nobody, and makes none, before this is started.</summary>
    public ActivitySource Source { get; } = new(SourceName);

    /// <summary>Which part of the requests gets spans.</summary>
    public double Ratio { get; }

    /// <summary>Starts sending.</summary>
    /// <param name="node">The process's name.</param>
    /// <param name="settings">An endpoint is set.</param>
    public static OtlpTraces Start(string node, OtlpSettings settings) => new(node, settings);

    /// <summary>Sends what there is, if it can be taken soon, and ends.</summary>
    public void Dispose()
    {
        _provider.Shutdown(ShutdownTimeoutMs);
        _provider.Dispose();
        Source.Dispose();
    }
}
