using System.Net.Sockets;
using System.Text.Json;
using Replication.Actors.Logging;

namespace Replication.Gateway.Qmp;

/// <summary>
/// One client from greeting to goodbye. Requests are carried out one after the other; events come in between,
/// from the moment that capabilities are negotiated.
/// </summary>
internal sealed class QmpSession(Socket socket, QmpCommandTable commands, QmpEventThrottle events, Log log)
{
    /// <summary>The command that ends the negotiation.</summary>
    public const string CapabilitiesCommand = "qmp_capabilities";

    private const string LogSource = "qmp";

    /// <summary>How long a client that has said its last may take to read what waits for it.</summary>
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(5);

    private readonly QmpOutbox _outbox = new(socket);
    private IDisposable? _following;

    /// <summary>
    /// Serves the client until it leaves, breaks the bounds, or <paramref name="stop"/> is cancelled.
    /// </summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task sending = SendAllAsync(ended);
        try
        {
            await _outbox.SendAsync(QmpLines.Greeting(), ended.Token);
            await ServeAsync(ended.Token);
        }
        catch (Exception gone) when (gone is OperationCanceledException or SocketException)
        {
            log.Debug(LogSource, $"a client left: {gone.Message}");
        }
        finally
        {
            _following?.Dispose();
            _outbox.Close();
            ended.CancelAfter(DrainTimeout);
            await sending;
            if (_outbox.DroppedCount > 0)
            {
                log.Warning(LogSource, $"a client read too slowly and missed {_outbox.DroppedCount} events");
            }
        }
    }

    private async Task SendAllAsync(CancellationTokenSource ended)
    {
        try
        {
            await _outbox.RunAsync(ended.Token);
        }
        catch (Exception gone) when (gone is OperationCanceledException or SocketException)
        {
            // The reading half hears of it here and ends too.
            await ended.CancelAsync();
        }
    }

    private async Task ServeAsync(CancellationToken cancellation)
    {
        QmpFramer framer = new();
        byte[] received = new byte[16 * 1024];
        while (true)
        {
            while (framer.Take() is { } input)
            {
                if (!await AnswerAsync(input, cancellation))
                {
                    return;
                }
            }

            int length = await socket.ReceiveAsync(received, SocketFlags.None, cancellation);
            if (length == 0)
            {
                return;
            }

            // Away from the thread that polls the sockets: commands may take their time.
            await Task.Yield();
            framer.Append(received.AsSpan(0, length));
        }
    }

    /// <summary>False when the session cannot go on.</summary>
    private async Task<bool> AnswerAsync(QmpInput input, CancellationToken cancellation)
    {
        QmpRequest? request = input.Json is null ? null : QmpRequest.Parse(input.Json);
        bool negotiates = _following is null && request is { Command: CapabilitiesCommand };
        QmpResult result = request switch
        {
            null => QmpResult.Fail(input.Error!),
            { Error: { } error } => QmpResult.Fail(error),
            _ => await ExecuteAsync(request.Command!, new QmpArguments(request.Arguments), cancellation),
        };
        foreach (string id in result.RemovedExports)
        {
            // Before the reply, as QEMU does it: who has the reply can rely on having the event.
            events.TellExportDeleted(id);
        }

        Task sent = _outbox.SendAsync(QmpLines.Reply(result, request?.IdText), cancellation);
        if (negotiates && result.Error is null)
        {
            // Behind the reply in the queue, and before the client can have it: no event comes too early, and
            // none that happens once the client knows is missed.
            _following = events.Follow(_outbox.Offer);
        }

        try
        {
            await sent;
        }
        finally
        {
            result.AfterReply?.Invoke();
        }

        return !input.IsFatal;
    }

    private async ValueTask<QmpResult> ExecuteAsync(
        string name, QmpArguments arguments, CancellationToken cancellation)
    {
        if (name == CapabilitiesCommand)
        {
            return Negotiate(arguments);
        }

        if (_following is null)
        {
            return QmpResult.Fail(QmpError.CommandNotFound(
                $"Expecting capabilities negotiation with '{CapabilitiesCommand}'"));
        }

        if (commands.Find(name) is not { } command)
        {
            return QmpResult.Fail(QmpError.CommandNotFound($"The command {name} has not been found"));
        }

        try
        {
            return await command.ExecuteAsync(arguments, cancellation);
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            log.Error(LogSource, $"the command {name} failed: {bug.Message}", bug);
            return QmpResult.Fail($"The command {name} failed: {bug.Message}");
        }
    }

    private QmpResult Negotiate(QmpArguments arguments)
    {
        if (_following is not null)
        {
            return QmpResult.Fail(QmpError.CommandNotFound(
                "Capabilities negotiation is already complete, command ignored"));
        }

        IReadOnlyList<string>? wanted = arguments.OptionalStrings("enable");
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        return wanted is { Count: > 0 }
            ? QmpResult.Fail($"Capability {wanted[0]} not available")
            : QmpResult.Empty;
    }
}
