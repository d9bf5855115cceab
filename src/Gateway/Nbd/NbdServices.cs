using Replication.Actors.Logging;
using Replication.Gateway.Exports;
using Replication.Gateway.Nbd.Transmission;

namespace Replication.Gateway.Nbd;

/// <summary>What the connections of one server share.</summary>
internal sealed record NbdServices(ExportCatalog Exports, Log Log, NbdServerOptions Options)
{
    /// <summary>The room for requests of all of them.</summary>
    internal InFlightBudget Budget { get; } = new(Options);

    /// <summary>What all of them were asked.</summary>
    internal NbdTraffic Traffic { get; } = new();
}
