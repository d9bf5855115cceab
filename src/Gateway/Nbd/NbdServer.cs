using System.Net.Sockets;
using Replication.Actors.Logging;
using Replication.Gateway.Exports;
using Replication.Gateway.Listening;

namespace Replication.Gateway.Nbd;

/// <summary>
/// The door for NBD clients: listeners, and the connections that came through them. It serves what the
/// catalog holds, now and later. Safe from any thread.
/// </summary>
public sealed class NbdServer : IAsyncDisposable
{
    private readonly NbdServices _services;
    private readonly Lock _lock = new();
    private readonly List<NbdListener> _listeners = [];
    private readonly Dictionary<NbdConnection, Task> _connections = [];
    private bool _stopped;

    /// <summary>A server with room for requests of its own.</summary>
    /// <param name="exports">What is served; stays its owner's.</param>
    /// <param name="log">Stays its owner's.</param>
    /// <param name="options">The bounds.</param>
    public NbdServer(ExportCatalog exports, Log log, NbdServerOptions options)
        : this(new NbdServices(exports, log, options))
    {
    }

    /// <summary>A server that shares room and counts with others.</summary>
    internal NbdServer(NbdServices services)
    {
        _services = services;
    }

    /// <summary>
    /// Where it listens, in the order of the calls of <see cref="Listen"/>; ports are the real ones.
    /// </summary>
    public IReadOnlyList<ListenAddress> Addresses
    {
        get
        {
            lock (_lock)
            {
                return [.. _listeners.Select(static listener => listener.Address)];
            }
        }
    }

    /// <summary>Clients connected now, those in their handshake included.</summary>
    public int ConnectionCount
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>
    /// Bytes that requests in flight hold now, beyond what each connection has set aside for itself.
    /// </summary>
    internal long TakenBytes => _services.Budget.Taken.Bytes;

    /// <summary>Requests in flight now, beyond one of each connection.</summary>
    internal int TakenCount => _services.Budget.Taken.Count;

    /// <summary>What it has to do now, and has had to so far.</summary>
    public NbdLoad Load => _services.Load;

    /// <summary>Listens on one more address: <c>HOST:PORT</c> (0 for any port) or <c>unix:PATH</c>.</summary>
    /// <returns>The real address.</returns>
    /// <exception cref="ListenException">The address is malformed, not loopback, or taken.</exception>
    /// <exception cref="InvalidOperationException">The server has been stopped.</exception>
    public ListenAddress Listen(string address)
    {
        NbdListener listener = NbdListener.Start(ListenAddress.Parse(address), Accept, _services.Log);
        lock (_lock)
        {
            if (!_stopped)
            {
                _listeners.Add(listener);
                _services.Log.Info("nbd", $"listens on {listener.Address}");
                return listener.Address;
            }
        }

        listener.Dispose();
        throw new InvalidOperationException("the NBD server has been stopped");
    }

    /// <summary>
    /// Accepts nobody any more, answers ESHUTDOWN to what comes from now on, lets what is under way finish
    /// within the drain timeout, and closes everything. Completes when the last connection is closed.
    /// </summary>
    public async Task StopAsync()
    {
        NbdListener[] listeners;
        lock (_lock)
        {
            _stopped = true;
            listeners = [.. _listeners];
            _listeners.Clear();
        }

        try
        {
            foreach (NbdListener listener in listeners)
            {
                await listener.StopAsync();
            }
        }
        finally
        {
            await EndConnectionsAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>All of them end, also where a listener could not be ended as it should.</summary>
    private async Task EndConnectionsAsync()
    {
        Task[] ending;
        NbdConnection[] connections;
        lock (_lock)
        {
            connections = [.. _connections.Keys];
            ending = [.. _connections.Values];
        }

        foreach (NbdConnection connection in connections)
        {
            connection.BeginStop("the server is stopping");
        }

        await Task.WhenAll(ending);
    }

    private void Accept(Socket socket)
    {
        NbdConnection connection;
        TaskCompletionSource registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_stopped || _connections.Count >= _services.Options.ConnectionsMax
                || !_services.Census.TryEnter(out long number))
            {
                _services.Census.Refuse();
                _services.Log.Warning("nbd", $"refused a client: {_services.Census.Count} are connected");
                socket.Dispose();
                return;
            }

            connection = new NbdConnection(socket, $"nbd/{number}", _services);
            _connections.Add(connection, ServeAsync(connection, socket, registered.Task));
        }

        registered.SetResult();
    }

    private async Task ServeAsync(NbdConnection connection, Socket socket, Task registered)
    {
        // Serving starts outside the lock, and on another thread than the one that accepts.
        await registered;
        try
        {
            Tune(socket);
            _services.Log.Debug(connection.Name, $"connected from {socket.RemoteEndPoint}");
            await connection.RunAsync();
        }
        catch (SocketException gone)
        {
            _services.Log.Info(connection.Name, $"lost before the handshake: {gone.Message}");
        }
        catch (Exception bug)
        {
            // A mistake of ours in one connection must not end the others: it is told and contained here.
            _services.Log.Error(connection.Name, "closed by an unexpected failure", bug);
        }
        finally
        {
            lock (_lock)
            {
                _connections.Remove(connection);
                _services.Census.Leave(connection.LeftBehind);
            }

            connection.Dispose();
        }
    }

    private static void Tune(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            // A whole batch of answers then leaves in one call; the kernel caps it at net.core.wmem_max.
            const int SendBufferBytes = 1 << 20;
            socket.SendBufferSize = SendBufferBytes;
        }
        else
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        }
    }
}
