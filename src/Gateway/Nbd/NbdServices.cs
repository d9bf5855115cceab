using Replication.Actors.Logging;
using Replication.Gateway.Exports;
using Replication.Gateway.Nbd.Transmission;

namespace Replication.Gateway.Nbd;

/// <summary>
/// What all connections of a process share, whichever server they came through: servers of one door differ
/// in their <see cref="Options"/> by how many clients each takes, and in nothing else.
/// </summary>
internal sealed record NbdServices(ExportCatalog Exports, Log Log, NbdServerOptions Options)
{
    /// <summary>The room for requests of all of them.</summary>
    internal InFlightBudget Budget { get; } = new(Options);

    /// <summary>How many there are and have been.</summary>
    internal ConnectionCensus Census { get; } = new(Options.ConnectionsMax);

    /// <summary>What all of them were asked.</summary>
    internal NbdTraffic Traffic { get; } = new();

    /// <summary>What all of them have to do now, and have had to so far.</summary>
    internal NbdLoad Load
    {
        get
        {
            (int count, long bytes) = Budget.Measure();
            return new NbdLoad
            {
                Connections = Census.Count,
                AcceptedCount = Census.AcceptedCount,
                RefusedCount = Census.RefusedCount,
                InFlightCount = count,
                InFlightBytes = bytes,
                InFlightBytesMax = Options.TotalInFlightBytesMax,
                WaitingCount = Budget.WaitingCount,
                Commands = Traffic.Take(),
            };
        }
    }
}
