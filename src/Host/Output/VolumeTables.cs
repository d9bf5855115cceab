using System.Globalization;
using System.Text.Json;
using Replication.Host.Options;

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

        PlainTable table = new(
            "volume", "size", "condition", "in sync", "reachable", "threshold", "read pattern", "exports");
        foreach (JsonElement volume in volumes.EnumerateArray())
        {
            table.Add(
                Text(volume, "name"),
                ByteSize.Format(JsonMembers.Number(volume, "size")),
                Condition(volume),
                OfChildren(volume, "state", "synced"),
                OfChildren(volume, "link", "open"),
                Text(volume, "vote-threshold"),
                ReadPattern(volume),
                string.Join(", ", Exports(volume)));
        }

        table.Write(output);
    }

    /// <summary>Prints what <c>volume show</c> shows.</summary>
    public static void WriteOne(JsonElement volume, CommandOutput output)
    {
        PlainTable table = new("volume", Text(volume, "name"));
        long sizeBytes = JsonMembers.Number(volume, "size");
        table.Add("size", string.Create(
            CultureInfo.InvariantCulture, $"{ByteSize.Format(sizeBytes)} ({sizeBytes} bytes)"));
        table.Add("condition", Condition(volume));
        foreach (string name in OptionNames)
        {
            table.Add(name, OnOff(Text(volume, name)));
        }

        foreach (string export in Exports(volume).DefaultIfEmpty("none"))
        {
            table.Add("export", export);
        }

        table.Write(output);
        output.Out.WriteLine();
        ChildTable.Write(volume, output);
    }

    /// <summary>The condition, which does not hide blocks that cannot be read.</summary>
    private static PlainTable.Cell Condition(JsonElement volume)
    {
        string condition = Text(volume, "condition");
        return VolumeSentences.BadBlocks(volume) is { } bad
            ? new PlainTable.Cell($"{condition}, {bad} bad", IsGood: false)
            : new PlainTable.Cell(condition, condition == "healthy");
    }

    /// <summary>How many of the children are so.</summary>
    private static string OfChildren(JsonElement volume, string member, string word)
    {
        JsonElement children = volume.GetProperty("children");
        int count = children.EnumerateArray().Count(child => Text(child, member) == word);
        return string.Create(CultureInfo.InvariantCulture, $"{count} of {children.GetArrayLength()}");
    }

    private static string ReadPattern(JsonElement volume) =>
        Text(volume, "blkverify") == bool.TrueString && Text(volume, "read-pattern") != "fifo"
            ? "blkverify"
            : Text(volume, "read-pattern");

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
