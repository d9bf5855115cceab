using System.Text.Json;
using Replication.Cluster.Records;

namespace Replication.Host.Output;

/// <summary>The children of a volume, a line each.</summary>
internal static class ChildTable
{
    /// <summary>
    /// Prints the table. The node-names have a column only where they are not what they are by default: 80
    /// columns of a terminal are few.
    /// </summary>
    public static void Write(JsonElement volume, CommandOutput output)
    {
        JsonElement[] children = [.. volume.GetProperty("children").EnumerateArray()];
        string volumeName = Text(volume, "name");
        bool hasOwnNames = children.Any(
            child => Text(child, "node-name") != VolumeChild.UsualNodeName(volumeName, Text(child, "node")));
        PlainTable table = new(
        [
            "child", "node", .. (string[])(hasOwnNames ? ["node-name"] : []), "state", "link",
            "votes lost", "repairs", "errors r/w/f",
        ]);
        foreach (JsonElement child in children)
        {
            string state = Text(child, "state");
            string link = Text(child, "link");
            table.Add(
            [
                Text(child, "name"),
                Text(child, "node"),
                .. (PlainTable.Cell[])(hasOwnNames ? [Text(child, "node-name")] : []),
                new(state, state == "synced"),
                new(link, link == "open"),
                Text(child, "votes-lost"),
                Text(child, "repairs"),
                Errors(child),
            ]);
        }

        table.Write(output);
    }

    private static string Errors(JsonElement child) =>
        $"{Text(child, "read-errors")}/{Text(child, "write-errors")}/{Text(child, "flush-errors")}";

    private static string Text(JsonElement from, string name) =>
        JsonMembers.Text(from, name, otherwise: "-");
}
