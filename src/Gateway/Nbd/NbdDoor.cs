using Replication.Actors.Logging;
using Replication.Gateway.Exports;
using Replication.Gateway.Listening;

namespace Replication.Gateway.Nbd;

/// <summary>
/// One NBD server after the other, at most one at a time, all serving the same catalog. A server that was
/// closed may still drain while the next one is open: the room for requests and the bound of connections are
/// the door's, and hold for all of them together.
/// </summary>
public sealed class NbdDoor : INbdDoor, IAsyncDisposable
{
    /// <summary>
    /// What ending may take past the drain timeout, within which each server has to end by itself.
    /// </summary>
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(5);

    private readonly NbdServices _services;
    private readonly Lock _lock = new();
    private readonly List<Task> _closing = [];
    private NbdServer? _server;
    private bool _isDisposed;

    /// <summary>A door that is closed at first.</summary>
    /// <param name="exports">What is served; stays its owner's.</param>
    /// <param name="log">Stays its owner's.</param>
    /// <param name="options">The bounds.</param>
    public NbdDoor(ExportCatalog exports, Log log, NbdServerOptions options)
    {
        _services = new NbdServices(exports, log, options);
    }

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
    /// What there is to do now, and has been since this was made, whichever server it came through.
    /// </summary>
    public NbdLoad Load => _services.Load;

    /// <summary>Servers that are closed and not ended yet.</summary>
    internal int ClosingCount
    {
        get
        {
            lock (_lock)
            {
                return _closing.Count;
            }
        }
    }

    /// <inheritdoc/>
    public ListenAddress? TryOpen(ListenAddress address, int? connectionsMax = null)
    {
        lock (_lock)
        {
            if (_isDisposed)
            {
                throw new ListenException("the gateway is closing");
            }

            if (_server is not null)
            {
                return null;
            }

            NbdServerOptions options = _services.Options;
            int most = Math.Min(connectionsMax ?? int.MaxValue, options.ConnectionsMax);
            NbdServer server = new(_services with { Options = options with { ConnectionsMax = most } });
            ListenAddress real = server.Listen(address.ToString());
            _server = server;
            return real;
        }
    }

    /// <inheritdoc/>
    public async Task<bool> CloseAsync()
    {
        if (!TryBeginClose(out Task closing))
        {
            return false;
        }

        try
        {
            await closing;
            return true;
        }
        finally
        {
            lock (_lock)
            {
                _closing.Remove(closing);
            }
        }
    }

    /// <summary>
    /// Closes for good, and waits for every server that was closed before and has not ended; not for ever.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Task[] closing;
        lock (_lock)
        {
            _isDisposed = true;
            TryBeginClose(out _);
            closing = [.. _closing];
        }

        Task all = Task.WhenAll(closing);
        await all.WaitAsync(_services.Options.DrainTimeout + CloseGrace)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!all.IsCompletedSuccessfully)
        {
            string reason = all.Exception?.InnerException?.Message ?? "it takes too long";
            _services.Log.Warning("nbd", $"not closed cleanly: {reason}");
        }
    }

    /// <summary>False when no server is open.</summary>
    private bool TryBeginClose(out Task closing)
    {
        lock (_lock)
        {
            closing = Task.CompletedTask;
            if (_server is not { } server)
            {
                return false;
            }

            _server = null;
            closing = server.StopAsync();
            _closing.Add(closing);
            return true;
        }
    }
}
