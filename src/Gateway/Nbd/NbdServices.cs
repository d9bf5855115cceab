using Replication.Actors.Logging;
using Replication.Gateway.Exports;

namespace Replication.Gateway.Nbd;

/// <summary>What the connections of one server share.</summary>
internal sealed record NbdServices(ExportCatalog Exports, Log Log, NbdServerOptions Options);
