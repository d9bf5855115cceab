using System.CommandLine;
using Replication.Host.Output;

namespace Replication.Host.Commands.Volumes;

/// <summary><c>volume</c>: makes, shows and deletes volumes.</summary>
internal static class VolumeCommand
{
    /// <summary>The command with its sub-commands, for the command line.</summary>
    public static Command Create(CommandScope scope)
    {
        Command command = new("volume", "Makes, shows, deletes and reopens volumes")
        {
            VolumeCreateCommand.Create(scope),
            List(scope),
            Show(scope),
            VolumeDeleteCommand.Create(scope),
            Reopen(scope),
        };
        return scope.WithExample(
            command, $"replication volume create vm1 --size 10GiB\n{Examples.ReadOnlyExport}");
    }

    private static Command List(CommandScope scope) => scope.OnService(
        "list",
        "Lists the volumes: size, condition, children in sync",
        "replication volume list",
        static call => call.ReportAsync("query-volumes", arguments: null, VolumeTables.WriteList));

    private static Command Show(CommandScope scope)
    {
        Argument<string?> name = Arguments.Volume(scope, "NAME");
        return scope.OnService(
            "show",
            "Shows a volume's options, its exports and its children",
            "replication volume show vm1",
            async call =>
            {
                var volume = await call.QueryVolumeAsync(call.Get(name));
                call.Write(volume, output => VolumeTables.WriteOne(volume, output));
            },
            name);
    }

    private static Command Reopen(CommandScope scope)
    {
        Argument<string?> name = Arguments.Volume(scope, "NAME");
        return scope.OnService(
            "reopen",
            "Starts a volume again that blkverify has stopped since its two children differ",
            "replication volume reopen vm1",
            call => call.ReportAsync(
                "volume-reopen", new() { ["name"] = call.Get(name) }, VolumeSentences.WriteReopened),
            name);
    }
}
