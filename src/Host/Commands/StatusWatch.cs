using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Replication.Gateway.Qmp.Client;
using Replication.Host.Output;

namespace Replication.Host.Commands;

/// <summary>
/// <c>status --watch</c>: looks at the volumes every second until it is interrupted. A terminal is redrawn, a
/// pipe gets a line for each thing that changes, and with --json a line for each look that differs.
/// </summary>
internal sealed class StatusWatch(ServiceCall call, JsonObject? arguments)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly StatusChanges _changes = new();
    private string _jsonBefore = "";

    /// <summary>Runs until the person has seen enough.</summary>
    /// <exception cref="QmpClientException">The service knows no such volume.</exception>
    /// <exception cref="CommandFailedException">The service is gone.</exception>
    public async Task RunAsync()
    {
        try
        {
            while (true)
            {
                JsonElement volumes = await call.ExecuteAsync(
                    "query-volumes", (JsonObject?)arguments?.DeepClone());
                call.Client.ForgetEvents();
                Show(volumes);
                await Task.Delay(LookEvery, call.Cancellation);
            }
        }
        catch (OperationCanceledException) when (call.Cancellation.IsCancellationRequested)
        {
            // The person who watches has seen enough.
        }
        catch (QmpClientException gone) when (gone.Error is null)
        {
            throw new CommandFailedException(GoneService.Words("status --watch"));
        }
    }

    private void Show(JsonElement volumes)
    {
        if (call.IsJson)
        {
            ShowJson(volumes.GetRawText());
        }
        else if (call.Output.IsTerminal)
        {
            // Home, and everything below is cleared: what was there is drawn over in one go.
            call.Output.Out.Write("\u001b[H\u001b[J");
            call.Output.Out.WriteLine($"{Now()}  every second; Ctrl-C ends it");
            call.Output.Out.WriteLine();
            StatusReport.Write(volumes, call.Output);
        }
        else
        {
            foreach (string sentence in _changes.Next(volumes))
            {
                call.Output.Out.WriteLine($"{Now()}  {sentence}");
            }
        }
    }

    private void ShowJson(string json)
    {
        if (json != _jsonBefore)
        {
            call.Output.Out.WriteLine(json);
            _jsonBefore = json;
        }
    }

    private static string Now() =>
        DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
