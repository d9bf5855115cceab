using Replication.Gateway.Exports;
using Replication.Gateway.Nbd;

namespace Replication.Gateway.Metrics.Sources;

/// <summary>The NBD door: who is connected, what they ask, what of it is in flight.</summary>
public sealed class NbdMetrics(NbdServer server, ExportCatalog exports) : IMetricSource
{
    /// <inheritdoc/>
    public string Name => "nbd";

    /// <inheritdoc/>
    public ValueTask CollectAsync(MetricSet into, CancellationToken cancellation)
    {
        NbdLoad load = server.Load;
        into.Add(MetricCatalog.NbdConnections, load.Connections);
        into.Add(MetricCatalog.NbdAccepted, load.AcceptedCount);
        into.Add(MetricCatalog.NbdRefused, load.RefusedCount);
        into.Add(MetricCatalog.NbdInFlight, load.InFlightCount);
        into.Add(MetricCatalog.NbdInFlightBytes, load.InFlightBytes);
        into.Add(MetricCatalog.NbdWaiting, load.WaitingCount);
        foreach ((string command, long count) in load.Commands)
        {
            into.Add(MetricCatalog.NbdRequests, count, command);
        }

        foreach (Export export in exports.List().Take(RequestMetrics.VolumesMax))
        {
            into.Add(MetricCatalog.ExportUsers, exports.CountUsers(export.Name), export.Name);
        }

        return ValueTask.CompletedTask;
    }
}
