using System.CommandLine;
using System.Text.Json;
using Replication.Gateway.Qmp.Client;
using Replication.Host.Output;

namespace Replication.Host.Commands;

/// <summary><c>events</c>: the events that are kept, and with --follow those that come.</summary>
internal static class EventsCommand
{
    /// <summary>The command for the command line.</summary>
    public static Command Create(CommandScope scope)
    {
        Option<bool> follow = new("--follow", "-f")
        {
            Description = "Goes on with events as they happen, until interrupted",
        };
        Command command = new(
            "events", "Prints the last events: which replica lied or failed, what was repaired");
        command.Add(follow);
        command.SetAction(async (parsed, cancellation) =>
        {
            using QmpClient client = await QmpClient.ConnectAsync(
                scope.Global.Service(parsed), cancellation);
            Action<string> print = parsed.GetValue(scope.Global.Json)
                ? scope.Output.Out.WriteLine
                : line => scope.Output.Out.WriteLine(EventSentence.Line(line));
            await PrintKeptAsync(client, print, cancellation);
            return parsed.GetValue(follow)
                ? await FollowAsync(client, print, cancellation)
                : ExitCode.Success;
        });
        return scope.WithExample(command, "replication events --follow");
    }

    /// <summary>Prints what is kept, then what came before that answer without being part of it.</summary>
    private static async Task PrintKeptAsync(
        QmpClient client, Action<string> print, CancellationToken cancellation)
    {
        JsonElement kept = await client.ExecuteAsync("query-events", arguments: null, cancellation);
        HashSet<string> printed = new(StringComparer.Ordinal);
        foreach (JsonElement happened in kept.EnumerateArray())
        {
            string line = happened.GetRawText();
            print(line);
            printed.Add(line);
        }

        for (int pending = client.PendingEvents.Count; pending > 0; pending--)
        {
            if (await client.NextEventAsync(cancellation) is { } line && !printed.Contains(line))
            {
                print(line);
            }
        }
    }

    private static async Task<int> FollowAsync(
        QmpClient client, Action<string> print, CancellationToken cancellation)
    {
        try
        {
            while (await client.NextEventAsync(cancellation) is { } line)
            {
                print(line);
            }
        }
        catch (OperationCanceledException)
        {
            // The person who follows has seen enough.
            return ExitCode.Success;
        }

        throw new CommandFailedException("the service has stopped");
    }
}
