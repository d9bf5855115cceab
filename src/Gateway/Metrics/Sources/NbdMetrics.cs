using Replication.Gateway.Exports;
using Replication.Gateway.Nbd;

namespace Replication.Gateway.Metrics.Sources;

/// <summary>The NBD door: who is connected, what they ask, what of it is in flight.</summary>
/// <param name="measure">What there is to do and has been; null before NBD was ever open.</param>
/// <param name="exports">Who uses what.</param>
public sealed class NbdMetrics(Func<NbdLoad?> measure, ExportCatalog exports) : IMetricSource
{
    /// <inheritdoc/>
    public string Name => "nbd";

    /// <inheritdoc/>
    public ValueTask CollectAsync(MetricSet into, CancellationToken cancellation)
    {
        if (measure() is { } load)
        {
            Collect(load, into);
        }

        foreach (Export export in exports.List().Take(SeriesLimits.VolumesMax))
        {
            into.Add(MetricCatalog.ExportUsers, exports.CountUsers(export.Name), export.Name);
        }

        return ValueTask.CompletedTask;
    }

    private static void Collect(NbdLoad load, MetricSet into)
    {
        into.Add(MetricCatalog.NbdConnections, load.Connections);
        into.Add(MetricCatalog.NbdAccepted, load.AcceptedCount);
        into.Add(MetricCatalog.NbdRefused, load.RefusedCount);
        into.Add(MetricCatalog.NbdInFlight, load.InFlightCount);
        into.Add(MetricCatalog.NbdInFlightBytes, load.InFlightBytes);
        into.Add(MetricCatalog.NbdInFlightMax, load.InFlightBytesMax);
        into.Add(MetricCatalog.NbdWaiting, load.WaitingCount);
        foreach ((string command, long count) in load.Commands)
        {
            into.Add(MetricCatalog.NbdRequests, count, command);
        }
    }
}
