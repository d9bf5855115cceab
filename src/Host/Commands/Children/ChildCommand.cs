using System.CommandLine;
using System.Text.Json;
using Replication.Host.Commands.Completion;
using Replication.Host.Options;
using Replication.Host.Output;

namespace Replication.Host.Commands.Children;

/// <summary><c>child</c>: which replicas a volume has, one more, one less.</summary>
internal static class ChildCommand
{
    /// <summary>The command with its sub-commands, for the command line.</summary>
    public static Command Create(CommandScope scope)
    {
        Command command = new("child", "Lists, adds and removes the replicas of a volume")
        {
            List(scope),
            Add(scope),
            Remove(scope),
        };
        return scope.WithExample(command, "replication child add vm1 node4");
    }

    private static Command List(CommandScope scope)
    {
        Argument<string?> volume = Arguments.Volume(scope, "VOLUME");
        return scope.OnService(
            "list",
            "Lists the children of a volume: node, state, votes lost, errors",
            "replication child list vm1",
            async call =>
            {
                JsonElement found = await call.QueryVolumeAsync(call.Get(volume));
                call.Write(found.GetProperty("children"), output => ChildTable.Write(found, output));
            },
            volume);
    }

    private static Command Add(CommandScope scope)
    {
        Argument<string?> volume = Arguments.Volume(scope, "VOLUME");
        Argument<string?> node = new("NODE")
        {
            Description = "The storage node that gets the new replica",
            CustomParser = OptionParsers.Name,
        };
        scope.CompleteBy(NameKind.FreeNode, node);
        return scope.OnService(
            "add",
            "Gives a volume one replica more, which is then built from the others",
            "replication child add vm1 node4",
            async call =>
            {
                string name = call.Get(volume);
                await call.ReportAsync(
                    "child-add",
                    new() { ["volume"] = name, ["node"] = call.Get(node) },
                    (added, output) => output.Out.WriteLine(
                        $"{ChildSentences.NameOf(added, "child")} is added and is being built: "
                            + $"'replication status {name}' says how far it is."));
                if (!call.IsJson)
                {
                    VolumeSentences.WriteTie(await call.QueryVolumeAsync(name), call.Output);
                }
            },
            volume,
            node);
    }

    private static Command Remove(CommandScope scope)
    {
        Argument<string?> volume = Arguments.Volume(scope, "VOLUME");
        Argument<string?> child = new("CHILD")
        {
            Description = "The child: children.N, its node-name, or its node",
            CustomParser = OptionParsers.Plain,
        };
        scope.CompleteBy(NameKind.Child, child);
        return scope.OnService(
            "remove",
            "Takes a replica out of a volume; its files go to its node's trash",
            "replication child remove vm1 children.0",
            async call =>
            {
                string name = call.Get(volume);
                string slot = await ChildNames.SlotAsync(call, name, call.Get(child));
                await call.ReportAsync(
                    "child-remove",
                    new() { ["volume"] = name, ["child"] = slot },
                    (removed, output) => WriteRemoved(slot, name, UntoldNodes.Sentences(removed), output));
            },
            volume,
            child);
    }

    private static void WriteRemoved(string slot, string volume, string[] untold, CommandOutput output) =>
        output.Out.WriteLine($"{slot} of {volume} is removed. "
            + (untold is [string sentence] ? sentence : "Its files are in its node's trash."));
}
