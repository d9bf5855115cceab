using System.CommandLine;
using System.Text.Json;
using Replication.Gateway.Qmp.Client;
using Replication.Host.Output;

namespace Replication.Host.Commands;

/// <summary><c>status</c>: what is wrong, in sentences, and a table of the children.</summary>
internal static class StatusCommand
{
    /// <summary>The command for the command line.</summary>
    public static Command Create(GlobalOptions global, CommandOutput output)
    {
        Command command = new(
            "status", "Says how each volume is doing, and what is wrong with which replica");
        command.SetAction(async (parsed, cancellation) =>
        {
            using QmpClient client = await QmpClient.ConnectAsync(global.Service(parsed), cancellation);
            JsonElement volumes = await client.ExecuteAsync("query-volumes", arguments: null, cancellation);
            if (parsed.GetValue(global.Json))
            {
                output.Out.WriteLine(volumes.GetRawText());
            }
            else
            {
                StatusReport.Write(volumes, output);
            }

            return ExitCode.Success;
        });
        return command;
    }
}
