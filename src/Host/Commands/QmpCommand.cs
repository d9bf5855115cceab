using System.CommandLine;
using System.Text.Json;
using Replication.Gateway.Qmp.Client;
using Replication.Host.Options;
using Replication.Host.Output;

namespace Replication.Host.Commands;

/// <summary>
/// <c>qmp</c>: any QMP command by hand. Capabilities are negotiated already; replies are printed as they
/// came.
/// </summary>
internal static class QmpCommand
{
    /// <summary>The command for the command line.</summary>
    public static Command Create(CommandScope scope)
    {
        Argument<string?> request = new("REQUEST")
        {
            Description = "A QMP command as JSON. Default: commands are read from the standard input, and "
                + "events are printed too",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = OptionParsers.QmpRequest,
        };
        Command command = new("qmp", "Sends QMP commands and prints what comes back: docs/qmp.md");
        command.Add(request);
        command.SetAction(async (parsed, cancellation) =>
        {
            using QmpClient client = await QmpClient.ConnectAsync(
                scope.Global.Service(parsed), cancellation);
            return parsed.GetValue(request) is { } text
                ? await ExecuteAsync(client, text, scope.Output, cancellation)
                : await ConverseAsync(client, scope.Output, cancellation);
        });
        return scope.WithExample(
            command,
            $"replication qmp \"{{'execute':'query-volumes'}}\"\n{Examples.ReadOnlyExport}");
    }

    /// <summary>Sends one text, and prints the replies to it.</summary>
    private static async Task<int> ExecuteAsync(
        QmpClient client, string text, CommandOutput output, CancellationToken cancellation)
    {
        using CancellationTokenSource limit =
            CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(QmpClient.AnswerTimeout);
        await client.SendTextAsync(text + "\n", limit.Token);
        client.EndRequests();
        int replies = 0;
        string? refused = null;
        while (await client.NextLineAsync(limit.Token) is { } line)
        {
            if (!IsEvent(line))
            {
                output.Out.WriteLine(line);
                replies++;
                refused ??= ErrorOf(line);
            }
        }

        return (replies, refused) switch
        {
            (0, _) => throw new CommandFailedException(
                "the service closed the connection without an answer: is the JSON complete?"),
            (_, null) => ExitCode.Success,
            _ => throw new CommandFailedException(refused),
        };
    }

    /// <summary>
    /// Sends what comes on the standard input, and prints all that comes back until the service has answered
    /// the last of it, or the person has seen enough.
    /// </summary>
    private static async Task<int> ConverseAsync(
        QmpClient client, CommandOutput output, CancellationToken cancellation)
    {
        // Off this thread: a read of a terminal cannot be cancelled, and must not hold up the end.
        bool isAllSent = false;
        Task sending = Task.Run(
            async () =>
            {
                await SendAllAsync(client, output.OpenInput(), cancellation);
                Volatile.Write(ref isAllSent, true);
                client.EndRequests();
            },
            cancellation);
        string? refused = null;
        try
        {
            while (await client.NextLineAsync(cancellation) is { } line)
            {
                output.Out.WriteLine(line);
                refused ??= ErrorOf(line);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCode.Success;
        }

        if (!Volatile.Read(ref isAllSent) && !sending.IsFaulted)
        {
            throw new CommandFailedException("the service has closed the connection");
        }

        await sending;
        return refused is null ? ExitCode.Success : throw new CommandFailedException(refused);
    }

    private static async Task SendAllAsync(
        QmpClient client, TextReader input, CancellationToken cancellation)
    {
        while (await input.ReadLineAsync(cancellation) is { } line)
        {
            await client.SendTextAsync(line + "\n", cancellation);
        }
    }

    private static bool IsEvent(string line) => Member(line, "event", static _ => "") is not null;

    /// <summary>The text of the error that a reply is; null when it is none.</summary>
    private static string? ErrorOf(string line) =>
        Member(line, "error", static error => JsonMembers.Text(error, "desc", otherwise: $"{error}"));

    private static string? Member(string line, string name, Func<JsonElement, string> read)
    {
        try
        {
            using JsonDocument message = JsonDocument.Parse(line);
            return message.RootElement.ValueKind == JsonValueKind.Object
                && message.RootElement.TryGetProperty(name, out JsonElement member)
                ? read(member)
                : null;
        }
        catch (JsonException)
        {
            throw new CommandFailedException("what answers there sends no JSON: it is no QMP server");
        }
    }
}
