using System.CommandLine;
using System.Text.Json;
using Replication.Host.Options;
using Replication.Host.Output;

namespace Replication.Host.Commands.Volumes;

/// <summary>
/// <c>volume delete</c>: asks the person at the terminal first. Where nobody can be asked it wants --yes, so
/// that no script deletes what somebody meant to look at.
/// </summary>
internal static class VolumeDeleteCommand
{
    /// <summary>The command for the command line.</summary>
    public static Command Create(CommandScope scope)
    {
        Argument<string?> name = Arguments.Volume(scope, "NAME");
        Option<bool> yes = new("--yes", "-y")
        {
            Description = "Does not ask; needed where nobody can be asked",
        };
        return scope.OnService(
            "delete",
            "Deletes a volume; its replicas go to their nodes' trash",
            "replication volume delete vm1 --yes",
            call => RunAsync(call, call.Get(name), call.Parsed.GetValue(yes)),
            name,
            yes);
    }

    private static async Task RunAsync(ServiceCall call, string name, bool isSure)
    {
        if (!isSure)
        {
            await AskAsync(call, name);
        }

        await call.ReportAsync("volume-delete", new() { ["name"] = name }, (deleted, output) =>
        {
            output.Out.WriteLine($"{name} is deleted. Its files are in its nodes' trash.");
            foreach (string untold in UntoldNodes.Sentences(deleted))
            {
                output.Out.WriteLine(untold);
            }

            if (JsonMembers.Text(deleted, "configured", otherwise: "") == bool.TrueString)
            {
                output.Out.WriteLine(
                    $"The configuration, or --volume, names {name}: the next start makes it anew, empty.");
            }
        });
    }

    private static async Task AskAsync(ServiceCall call, string name)
    {
        JsonElement volume = await call.QueryVolumeAsync(name);
        if (!call.Output.CanAsk)
        {
            throw new CommandFailedException(
                $"volume {name} is not deleted: nobody can be asked here, and --yes was not given");
        }

        JsonElement children = volume.GetProperty("children");
        string nodes = string.Join(", ", children.EnumerateArray().Select(
            static child => JsonMembers.Text(child, "node", otherwise: "?")));
        string size = ByteSize.InWords(JsonMembers.Number(volume, "size"));
        if (!call.Output.Confirm($"Delete volume {name}, {size} on {nodes}?"))
        {
            throw new CommandFailedException($"volume {name} is not deleted");
        }
    }
}
