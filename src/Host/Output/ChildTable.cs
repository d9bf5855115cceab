using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;

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
            child => Text(child, "node-name") != $"{volumeName}-{Text(child, "node")}");
        Table table = PlainTable.Create(
            output,
            [
                "child", "node", .. (string[])(hasOwnNames ? ["node-name"] : []), "state", "link",
                "votes lost", "repairs", "errors r/w/f",
            ]);
        foreach (JsonElement child in children)
        {
            string state = Text(child, "state");
            string link = Text(child, "link");
            IRenderable[] cells =
            [
                new Text(Text(child, "name")),
                new Text(Text(child, "node")),
                .. (IRenderable[])(hasOwnNames ? [new Text(Text(child, "node-name"))] : []),
                PlainTable.Judged(state, state == "synced"),
                PlainTable.Judged(link, link == "open"),
                new Text(Text(child, "votes-lost")),
                new Text(Text(child, "repairs")),
                new Text(Errors(child)),
            ];
            table.AddRow(cells);
        }

        output.Console.Write(table);
    }

    private static string Errors(JsonElement child) =>
        $"{Text(child, "read-errors")}/{Text(child, "write-errors")}/{Text(child, "flush-errors")}";

    private static string Text(JsonElement from, string name) =>
        JsonMembers.Text(from, name, otherwise: "-");
}
