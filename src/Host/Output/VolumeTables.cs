using System.Globalization;
using System.Text.Json;
using Replication.Host.Options;
using Spectre.Console;

namespace Replication.Host.Output;

/// <summary>Volumes as tables: all of them in a line each, or one with all its options.</summary>
internal static class VolumeTables
{
    private static readonly string[] OptionNames =
    [
        "id", "vote-threshold", "read-pattern", "rewrite-corrupted", "blkverify", "digest", "durability",
        "on-cache-loss", "epoch",
    ];

    /// <summary>Prints what <c>volume list</c> shows.</summary>
    public static void WriteList(JsonElement volumes, CommandOutput output)
    {
        if (volumes.GetArrayLength() == 0)
        {
            output.Out.WriteLine("There is no volume.");
            return;
        }

        Table table = PlainTable.Create(
            output, "volume", "size", "condition", "in sync", "threshold", "read pattern", "exports");
        foreach (JsonElement volume in volumes.EnumerateArray())
        {
            string condition = Text(volume, "condition");
            table.AddRow(
                new Text(Text(volume, "name")),
                new Text(ByteSize.Format(JsonMembers.Number(volume, "size"))),
                PlainTable.Judged(condition, condition == "healthy"),
                new Text(InSync(volume)),
                new Text(Text(volume, "vote-threshold")),
                new Text(ReadPattern(volume)),
                new Text(string.Join(", ", Exports(volume))));
        }

        output.Console.Write(table);
    }

    /// <summary>Prints what <c>volume show</c> shows.</summary>
    public static void WriteOne(JsonElement volume, CommandOutput output)
    {
        Table table = PlainTable.Create(output, "volume", Text(volume, "name"));
        long sizeBytes = JsonMembers.Number(volume, "size");
        Add("size", string.Create(
            CultureInfo.InvariantCulture, $"{ByteSize.Format(sizeBytes)} ({sizeBytes} bytes)"));
        string condition = Text(volume, "condition");
        table.AddRow(new Text("condition"), PlainTable.Judged(condition, condition == "healthy"));
        foreach (string name in OptionNames)
        {
            Add(name, OnOff(Text(volume, name)));
        }

        foreach (string export in Exports(volume).DefaultIfEmpty("none"))
        {
            Add("export", export);
        }

        output.Console.Write(table);
        ChildTable.Write(volume, output);

        void Add(string name, string value) => table.AddRow(new Text(name), new Text(value));
    }

    private static string InSync(JsonElement volume)
    {
        JsonElement children = volume.GetProperty("children");
        int synced = children.EnumerateArray().Count(static child => Text(child, "state") == "synced");
        return string.Create(CultureInfo.InvariantCulture, $"{synced} of {children.GetArrayLength()}");
    }

    private static string ReadPattern(JsonElement volume) =>
        Text(volume, "blkverify") == bool.TrueString ? "blkverify" : Text(volume, "read-pattern");

    /// <summary>The exports' names; who may not write to one is told.</summary>
    private static IEnumerable<string> Exports(JsonElement volume)
    {
        if (!volume.TryGetProperty("exports", out JsonElement exports))
        {
            yield break;
        }

        foreach (JsonElement export in exports.EnumerateArray())
        {
            bool isReadOnly = Text(export, "writable") == bool.FalseString;
            yield return isReadOnly ? $"{Text(export, "name")} (read-only)" : Text(export, "name");
        }
    }

    private static string OnOff(string value) =>
        value == bool.TrueString ? "on" : value == bool.FalseString ? "off" : value;

    private static string Text(JsonElement from, string name) =>
        JsonMembers.Text(from, name, otherwise: "-");
}
