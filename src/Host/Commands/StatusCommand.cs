using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Replication.Host.Commands.Completion;
using Replication.Host.Options;
using Replication.Host.Output;

namespace Replication.Host.Commands;

/// <summary><c>status</c>: what is wrong, in sentences, and a table of the children.</summary>
internal static class StatusCommand
{
    /// <summary>The command for the command line.</summary>
    public static Command Create(CommandScope scope)
    {
        Argument<string?> volume = new("VOLUME")
        {
            Description = "One volume alone. Default: all of them",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = OptionParsers.Plain,
        };
        scope.CompleteBy(NameKind.Volume, volume);
        Option<bool> watch = new("--watch", "-w")
        {
            Description = "Goes on until interrupted: redraws a terminal, and tells a pipe what changes",
        };
        return scope.OnService(
            "status",
            "Says how each volume is doing: what is wrong, since when, and what is being done about it",
            "replication status vm1 --watch",
            async call =>
            {
                JsonObject? arguments =
                    call.Parsed.GetValue(volume) is { } name ? new() { ["name"] = name } : null;
                if (call.Parsed.GetValue(watch))
                {
                    await new StatusWatch(call, arguments).RunAsync();
                    return;
                }

                JsonElement volumes = await call.ExecuteAsync("query-volumes", arguments);
                call.Write(volumes, output => StatusReport.Write(volumes, output));
            },
            volume,
            watch);
    }
}
