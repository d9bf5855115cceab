using System.Net.Sockets;
using Replication.Actors.Logging;
using Replication.Gateway.Listening;

namespace Replication.Gateway.Nbd;

/// <summary>One bound socket and the loop that accepts on it.</summary>
internal sealed class NbdListener : IDisposable
{
    private const int Backlog = 512;

    /// <summary>The wait after an accept failed, mostly for want of file descriptors.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Listener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Action<Socket> _onAccepted;
    private readonly Log _log;
    private Task _accepting = Task.CompletedTask;

    private NbdListener(Listener listener, Action<Socket> onAccepted, Log log)
    {
        _listener = listener;
        _onAccepted = onAccepted;
        _log = log;
    }

    /// <summary>The real address: a port of 0 has become the one that was given.</summary>
    internal ListenAddress Address => _listener.Address;

    /// <summary>Binds and starts to accept.</summary>
    /// <exception cref="ListenException">The address is taken or cannot be bound.</exception>
    internal static NbdListener Start(ListenAddress address, Action<Socket> onAccepted, Log log)
    {
        NbdListener started = new(Listener.Open(address, Backlog), onAccepted, log);
        started._accepting = started.AcceptAsync();
        return started;
    }

    /// <summary>Accepts nobody any more, and gives the address back.</summary>
    internal async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        if (_listener.Close() is { } left)
        {
            _log.Warning("nbd", left);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _onAccepted(await _listener.AcceptAsync(_stop.Token));
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
