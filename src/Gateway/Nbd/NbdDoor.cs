using Replication.Actors.Logging;
using Replication.Gateway.Exports;
using Replication.Gateway.Listening;

namespace Replication.Gateway.Nbd;

/// <summary>
/// One NBD server after the other, at most one at a time, all serving the same catalog.
/// </summary>
/// <param name="exports">What is served; stays its owner's.</param>
/// <param name="log">Stays its owner's.</param>
/// <param name="options">The bounds.</param>
public sealed class NbdDoor(ExportCatalog exports, Log log, NbdServerOptions options) : INbdDoor
{
    private readonly Lock _lock = new();
    private readonly List<NbdServer> _closing = [];
    private NbdServer? _server;
    private NbdLoad? _past;

    /// <inheritdoc/>
    public bool IsOpen
    {
        get
        {
            lock (_lock)
            {
                return _server is not null;
            }
        }
    }

    /// <summary>
    /// What there is to do now, and has been since this was made: the counts go on over one server after the
    /// other. Null before the first.
    /// </summary>
    public NbdLoad? Load
    {
        get
        {
            lock (_lock)
            {
                NbdServer[] servers = _server is null ? [.. _closing] : [.. _closing, _server];
                return servers.Select(static server => server.Load)
                    .Aggregate(_past, static (sum, load) => sum is null ? load : NbdLoad.Sum(sum, load));
            }
        }
    }

    /// <inheritdoc/>
    public ListenAddress? TryOpen(ListenAddress address, int? connectionsMax = null)
    {
        lock (_lock)
        {
            if (_server is not null)
            {
                return null;
            }

            int most = Math.Min(connectionsMax ?? int.MaxValue, options.ConnectionsMax);
            NbdServer server = new(exports, log, options with { ConnectionsMax = most });
            ListenAddress real = server.Listen(address.ToString());
            _server = server;
            return real;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> CloseAsync()
    {
        NbdServer? server;
        lock (_lock)
        {
            server = _server;
            _server = null;
            if (server is null)
            {
                return false;
            }

            _closing.Add(server);
        }

        await server.StopAsync();
        lock (_lock)
        {
            _closing.Remove(server);
            _past = _past is null ? server.Load : NbdLoad.Sum(_past, server.Load);
        }

        return true;
    }
}
