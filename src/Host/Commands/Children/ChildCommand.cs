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
        scope.CompleteBy(NameKind.Node, node);
        return scope.OnService(
            "add",
            "Gives a volume one replica more, which is then built from the others",
            "replication child add vm1 node4",
            async call =>
            {
                string name = call.Get(volume);
                JsonElement added = await call.ExecuteAsync(
                    "child-add", new() { ["volume"] = name, ["node"] = call.Get(node) });
                call.Write(added, output => output.Out.WriteLine(
                    $"{JsonMembers.Text(added, "node-name", "?")} ({JsonMembers.Text(added, "child", "?")}) "
                        + $"is added and is being built: 'replication status {name}' says how far it is."));
                if (!call.IsJson)
                {
                    await WarnOfTiesAsync(call, name);
                }
            },
            volume,
            node);
    }

    private static async Task WarnOfTiesAsync(ServiceCall call, string volume)
    {
        JsonElement volumes = await call.ExecuteAsync("query-volumes");
        foreach (JsonElement found in volumes.EnumerateArray())
        {
            if (JsonMembers.Text(found, "name", otherwise: "") == volume)
            {
                VolumeSentences.WriteTie(found, call.Output);
            }
        }
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
                JsonElement removed = await call.ExecuteAsync(
                    "child-remove", new() { ["volume"] = name, ["child"] = slot });
                call.Write(removed, output => WriteRemoved(slot, name, removed, output));
            },
            volume,
            child);
    }

    private static void WriteRemoved(string slot, string volume, JsonElement removed, CommandOutput output)
    {
        string[] leftOn = removed.TryGetProperty("left-on", out JsonElement nodes)
            ? [.. nodes.EnumerateArray().Select(static node => node.GetString() ?? "?")]
            : [];
        output.Out.WriteLine(leftOn.Length == 0
            ? $"{slot} of {volume} is removed. Its files are in its node's trash."
            : $"{slot} of {volume} is removed. {leftOn[0]} could not be told: its files stay there until it "
                + "is back.");
    }
}
