using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Replication.Gateway.Qmp.Client;
using Replication.Host.Output;

namespace Replication.Host.Commands;

/// <summary><c>events</c>: the events that are kept, and with --follow those that come.</summary>
internal static class EventsCommand
{
    private const string Follow = "events --follow";

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
            return parsed.GetValue(follow)
                ? await FollowAsync(client, scope.Output, print, cancellation)
                : await PrintKeptAsync(client, print, cancellation);
        });
        return scope.WithExample(command, "replication events --follow");
    }

    private static async Task<int> PrintKeptAsync(
        QmpClient client, Action<string> print, CancellationToken cancellation)
    {
        JsonElement kept = await client.ExecuteAsync("query-events", arguments: null, cancellation);
        Print(kept, print);
        return ExitCode.Success;
    }

    /// <summary>
    /// Prints each event that is kept once. Events that the service sends are only the sign to ask again: it
    /// holds reports back and drops some, but each is followed by one that is sent within a second.
    /// </summary>
    private static async Task<int> FollowAsync(
        QmpClient client, CommandOutput output, Action<string> print, CancellationToken cancellation)
    {
        JsonObject? arguments = null;
        try
        {
            do
            {
                // What was sent before the question is in its answer. What comes between the two may not be,
                // and is waiting below.
                client.ForgetEvents();
                JsonElement page = await client.ExecuteAsync("query-events-since", arguments, cancellation);
                long missed = JsonMembers.Number(page, "missed");
                if (missed > 0)
                {
                    output.Error.WriteLine($"replication: {missed} events came too fast to be printed");
                }

                Print(page.GetProperty("events"), print);
                arguments = new JsonObject { ["next"] = JsonMembers.Number(page, "next") };
            }
            while (await client.NextEventAsync(cancellation) is not null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The person who follows has seen enough.
            return ExitCode.Success;
        }
        catch (QmpClientException gone) when (gone.Error is null)
        {
            throw new CommandFailedException(GoneService.Words(Follow));
        }

        throw new CommandFailedException(GoneService.Words(Follow));
    }

    private static void Print(JsonElement events, Action<string> print)
    {
        foreach (JsonElement happened in events.EnumerateArray())
        {
            print(happened.GetRawText());
        }
    }
}
