using System.Collections.Concurrent;
using System.Net.Sockets;
using Replication.Actors.Logging;
using Replication.Gateway.Events;
using Replication.Gateway.Listening;

namespace Replication.Gateway.Qmp;

/// <summary>
/// The door for management: QEMU's machine protocol for any number of clients up to a bound.
/// </summary>
public sealed class QmpServer : IAsyncDisposable
{
    /// <summary>Most clients at a time unless told otherwise; one more is closed at once.</summary>
    public const int SessionsMaxDefault = 64;

    private const string LogSource = "qmp";

    /// <summary>The wait after an accept failed, mostly for want of file descriptors.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Listener _listener;
    private readonly QmpCommandTable _commands;
    private readonly QmpEventThrottle _events;
    private readonly Log _log;
    private readonly int _sessionsMax;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, Task> _sessions = new();
    private readonly Task _accepting;
    private Task? _ending;

    private QmpServer(
        Listener listener, QmpCommandTable commands, EventLog events, Log log, QmpServerOptions options)
    {
        _listener = listener;
        _commands = commands;
        _events = new QmpEventThrottle(events, options.Time);
        _log = log;
        _sessionsMax = options.SessionsMax;
        _accepting = Task.Run(AcceptAllAsync);
    }

    /// <summary>Where it listens.</summary>
    public ListenAddress Address => _listener.Address;

    /// <summary>
    /// Listens and serves until it is disposed. The event log and the log stay their owner's.
    /// </summary>
    /// <exception cref="ListenException">The address cannot be had; the message says why.</exception>
    public static QmpServer Start(
        ListenAddress address,
        QmpCommandTable commands,
        EventLog events,
        Log log,
        QmpServerOptions? options = null) =>
        new(Listener.Open(address), commands, events, log, options ?? new QmpServerOptions());

    /// <summary>Stops listening, ends every session, and waits for that; once, however often it is
    /// called.</summary>
    public ValueTask DisposeAsync() => new(_ending ??= EndAsync());

    private async Task EndAsync()
    {
        // In this order: an accept that the socket's end cuts short would be taken for a failure.
        await _stop.CancelAsync();
        await _accepting;
        if (_listener.Close() is { } left)
        {
            _log.Warning(LogSource, left);
        }

        await Task.WhenAll(_sessions.Values);
        _events.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Socket client = await _listener.AcceptAsync(_stop.Token);
                if (_sessions.Count >= _sessionsMax)
                {
                    _log.Warning(LogSource, $"a client is turned away: {_sessionsMax} are connected");
                    client.Dispose();
                    continue;
                }

                // Registered before it runs, so that its end finds itself in the table.
                TaskCompletionSource registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _sessions[client] = ServeAsync(client, registered.Task);
                registered.SetResult();
            }
            catch (Exception stopping) when (_stop.IsCancellationRequested
                && stopping is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failure)
            {
                // A client that vanished while it was accepted, or no descriptors left: the next one may do.
                _log.Warning(LogSource, $"a client could not be accepted: {failure.Message}");
                await Task.Delay(RetryDelay, _stop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(Socket client, Task registered)
    {
        await registered;
        using (client)
        {
            try
            {
                await new QmpSession(client, _commands, _events, _log).RunAsync(_stop.Token);
            }
            catch (Exception bug)
            {
                _log.Error(LogSource, $"a session ended by a bug: {bug.Message}", bug);
            }
        }

        _sessions.TryRemove(client, out _);
    }
}
