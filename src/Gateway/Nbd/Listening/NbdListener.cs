using System.Net;
using System.Net.Sockets;
using Replication.Actors.Logging;

namespace Replication.Gateway.Nbd.Listening;

/// <summary>One bound socket and the loop that accepts on it.</summary>
internal sealed class NbdListener : IDisposable
{
    private const int Backlog = 512;

    /// <summary>The wait after an accept failed, mostly for want of file descriptors.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly Action<Socket> _onAccepted;
    private readonly Log _log;
    private Task _accepting = Task.CompletedTask;

    private NbdListener(Socket socket, ListenAddress address, Action<Socket> onAccepted, Log log)
    {
        _socket = socket;
        Address = address;
        _onAccepted = onAccepted;
        _log = log;
    }

    /// <summary>The real address: a port of 0 has become the one that was given.</summary>
    internal ListenAddress Address { get; }

    /// <summary>Binds and starts to accept.</summary>
    /// <exception cref="ListenException">The address is taken or cannot be bound.</exception>
    internal static NbdListener Start(ListenAddress address, Action<Socket> onAccepted, Log log)
    {
        if (address.Path is not null)
        {
            SocketFile.RemoveStale(address);
        }

        Socket socket = new(
            address.EndPoint.AddressFamily,
            SocketType.Stream,
            address.Path is null ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            socket.Bind(address.EndPoint);
            socket.Listen(Backlog);
        }
        catch (SocketException failed)
        {
            socket.Dispose();
            throw new ListenException($"cannot listen on {address}: {failed.Message}");
        }

        ListenAddress bound =
            address.Path is null ? ListenAddress.Of((IPEndPoint)socket.LocalEndPoint!) : address;
        NbdListener listener = new(socket, bound, onAccepted, log);
        listener._accepting = listener.AcceptAsync();
        return listener;
    }

    /// <summary>Accepts nobody any more and removes the socket's file.</summary>
    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _accepting;

        // .NET removes the file that it bound when the socket is disposed.
        _socket.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _onAccepted(await _socket.AcceptAsync(_stop.Token));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException failed)
            {
                _log.Warning("nbd", $"accepting on {Address} failed: {failed.Message}");
                Task delay = Task.Delay(RetryDelay, _stop.Token);
                await delay.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
