using System.Net.Sockets;
using Replication.Actors.Logging;
using Replication.Gateway.Exports;
using Replication.Gateway.Nbd.Handshake;
using Replication.Gateway.Nbd.Transmission;
using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Nbd;

/// <summary>
/// One client: the handshake, then requests until it leaves, breaks the protocol, or is asked to go.
/// </summary>
internal sealed class NbdConnection : IExportUser, IDisposable
{
    private readonly Socket _socket;
    private readonly NbdServices _services;

    // Asks for a polite end.
    private readonly CancellationTokenSource _stop = new();

    // Ends everything at once.
    private readonly CancellationTokenSource _abort = new();
    private string? _reason;
    private volatile bool _isWithdrawn;
    private volatile bool _isAborted;
    private volatile bool _deservesWarning;

    internal NbdConnection(Socket socket, string name, NbdServices services)
    {
        _socket = socket;
        _services = services;
        Name = name;
    }

    /// <summary>For logs, such as <c>nbd/3</c>.</summary>
    internal string Name { get; }

    internal Log Log => _services.Log;

    /// <summary>
    /// Once it was served: ends when the volume has answered what the client left behind, or never will.
    /// </summary>
    internal Task LeftBehind { get; private set; } = Task.CompletedTask;

    /// <summary>Serves the client to the end; never fails, and closes the socket.</summary>
    internal async Task RunAsync()
    {
        try
        {
            using SocketReader reader = new(_socket);
            Session? session = await HandshakeAsync(reader);
            if (session is not null)
            {
                using (session.Attachment)
                {
                    await TransmitAsync(reader, session);
                }
            }
        }
        catch (NbdProtocolException broken)
        {
            Log.Warning(Name, $"closed: {broken.Message}");
        }
        catch (OperationCanceledException)
        {
            Log.Write(
                _deservesWarning ? LogLevel.Warning : LogLevel.Info,
                Name,
                $"closed: {_reason ?? "the server is stopping"}");
        }
        catch (Exception lost) when (lost is SocketException or ObjectDisposedException)
        {
            Log.Info(Name, $"closed: {_reason ?? lost.Message}");
        }
        finally
        {
            CloseSocket();
        }
    }

    /// <summary>
    /// Requests that come from now on are answered ESHUTDOWN; the connection ends when those before are done.
    /// </summary>
    internal void BeginStop(string reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        CancelIfOpen(_stop);
    }

    /// <summary>Ends the connection at once; what is under way loses its answer.</summary>
    internal void Abort(string reason)
    {
        Interlocked.CompareExchange(ref _reason, reason, null);
        _isAborted = true;
        CancelIfOpen(_abort);
    }

    /// <inheritdoc/>
    public void OnExportWithdrawn(string reason)
    {
        _isWithdrawn = true;
        BeginStop(reason);
    }

    /// <summary>Frees what <see cref="RunAsync"/> no longer uses.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        _stop.Dispose();
        _abort.Dispose();
    }

    private static void CancelIfOpen(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The connection ended by itself meanwhile, which is all that the caller wants.
        }
    }

    private async Task<Session?> HandshakeAsync(SocketReader reader)
    {
        using CancellationTokenSource deadline =
            CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _abort.Token);
        deadline.CancelAfter(_services.Options.HandshakeTimeout);
        OptionWriter writer = new(_socket);
        OptionHandlers handlers = new(writer, _services.Exports, user: this);
        HandshakeDialog dialog = new(reader, writer, handlers, _services.Options.OptionCountMax);
        try
        {
            Session? session = await dialog.RunAsync(deadline.Token);
            Log.Info(
                Name,
                session is null
                    ? "the client left during the handshake"
                    : $"serves {Text.Printable(session.Attachment.Export.Name)}");
            return session;
        }
        catch (OperationCanceledException)
            when (!_stop.IsCancellationRequested && !_abort.IsCancellationRequested)
        {
            throw new NbdProtocolException(
                $"the handshake took longer than {_services.Options.HandshakeTimeout.TotalSeconds} s");
        }
    }

    private async Task TransmitAsync(SocketReader reader, Session session)
    {
        using InFlightGauge gauge = new(_services.Options, _services.Budget, Evict);
        try
        {
            await TransmitAsync(reader, session, gauge);
        }
        catch (OperationCanceledException) when (!_isAborted)
        {
            string late = $"{gauge.Count} requests were not answered, or their answers not taken, within "
                + $"{_services.Options.DrainTimeout.TotalSeconds} s";
            _reason = _reason is null ? late : $"{_reason}; {late}";
            _deservesWarning = true;
            throw;
        }
        finally
        {
            if (gauge.Count > 0)
            {
                LeaveBehind(gauge, session.Attachment);
            }
        }
    }

    private async Task TransmitAsync(SocketReader reader, Session session, InFlightGauge gauge)
    {
        using ReplyWriter writer = new(_socket, gauge, new ReplyEncoder(session.Structured), this);
        RequestReceiver receiver =
            new(reader, writer, gauge, session with { Traffic = _services.Traffic });

        // From a stop on, a client that keeps sending or does not read has the drain timeout and no more.
        using CancellationTokenRegistration bound =
            _stop.Token.UnsafeRegister(_ => _abort.CancelAfter(_services.Options.DrainTimeout), null);
        ReceiveEnd end;
        do
        {
            end = await receiver.RunAsync(_stop.Token, _abort.Token);
            _abort.CancelAfter(_services.Options.DrainTimeout);
            await gauge.WaitForEmptyAsync(_abort.Token);
        }
        while (end == ReceiveEnd.Stopped && reader.WaitingBytes > 0);

        Log.Info(Name, end switch
        {
            ReceiveEnd.Disconnected => "the client disconnected",
            ReceiveEnd.EndOfStream => "the client closed the connection without a goodbye",
            ReceiveEnd.CutShort => "the client closed the connection within a request",
            _ => $"closed: {_reason}",
        });
    }

    /// <summary>
    /// What the volume has not answered counts until it has, or until the export goes: a volume that is gone
    /// may have taken requests with it that nobody answers.
    /// </summary>
    private void LeaveBehind(InFlightGauge gauge, ExportAttachment attachment)
    {
        if (_isWithdrawn || attachment.Outlive(new Unanswered(gauge)) is not { } remains)
        {
            gauge.Abandon();
        }
        else
        {
            LeftBehind = ForgetWhenEmptyAsync(gauge, remains);
        }
    }

    private static async Task ForgetWhenEmptyAsync(InFlightGauge gauge, ExportAttachment remains)
    {
        using (remains)
        {
            await gauge.WaitForEmptyAsync(CancellationToken.None);
        }
    }

    private void Evict(string reason)
    {
        _deservesWarning = true;
        Abort(reason);
    }

    private void CloseSocket()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The client was faster: there is nothing left to shut down.
        }
        catch (ObjectDisposedException)
        {
            // As above, after an abort.
        }

        _socket.Dispose();
    }

    /// <summary>Requests whose connection has ended.</summary>
    private sealed class Unanswered(InFlightGauge gauge) : IExportUser
    {
        public void OnExportWithdrawn(string reason) => gauge.Abandon();
    }
}
