using System.Text.Json;
using Replication.Host.Options;
using Spectre.Console;

namespace Replication.Host.Output;

/// <summary>
/// What <c>status</c> prints of the volumes that <c>query-volumes</c> returned: sentences, then a table.
/// </summary>
internal static class StatusReport
{
    /// <summary>Prints every volume.</summary>
    public static void Write(JsonElement volumes, CommandOutput output)
    {
        if (volumes.GetArrayLength() == 0)
        {
            output.Out.WriteLine("There is no volume.");
        }

        foreach (JsonElement volume in volumes.EnumerateArray())
        {
            foreach (string sentence in Sentences(volume))
            {
                output.Out.WriteLine(sentence);
            }

            output.Console.Write(TableOf(volume, output.IsTerminal));
        }
    }

    /// <summary>
    /// What there is to say of one volume: its condition first, then each thing that is wrong.
    /// </summary>
    internal static IEnumerable<string> Sentences(JsonElement volume)
    {
        string name = Text(volume, "name");
        JsonElement children = volume.GetProperty("children");
        string size = ByteSize.InWords(Number(volume, "size"));
        yield return $"{name} is {Text(volume, "condition")}{Reason(volume)}";
        yield return $"{name} has {size} on {Children(children.GetArrayLength())}; "
            + $"{Winning(Number(volume, "vote-threshold"))} a read.";
        long unreconciledBytes = Number(volume, "unreconciled-bytes");
        if (unreconciledBytes > 0)
        {
            yield return $"{ByteSize.InWords(unreconciledBytes)} are being made equal on all children: "
                + "reads of them wait for that.";
        }

        foreach (JsonElement child in children.EnumerateArray())
        {
            foreach (string sentence in ChildSentences(child))
            {
                yield return sentence;
            }
        }
    }

    private static IEnumerable<string> ChildSentences(JsonElement child)
    {
        string who = $"{Text(child, "node-name")} ({Text(child, "name")})";
        string since = child.TryGetProperty("since", out JsonElement at) ? $" since {at}" : "";
        string reason = Reason(child);
        if (Text(child, "state") != "synced")
        {
            yield return $"{who} is {Text(child, "state")}{since} and does not vote{reason}";
        }
        else if (Text(child, "link") != "open")
        {
            yield return $"{who} cannot be reached{reason}";
        }

        if (child.TryGetProperty("resync", out JsonElement resync))
        {
            yield return $"{who} is being resynced: {ResyncWords.Of(resync)}.";
        }

        long votesLost = Number(child, "votes-lost");
        if (votesLost > 0)
        {
            yield return $"{who} lost {Times(votesLost, "vote")}, the last at "
                + $"{Text(child, "last-lost-vote")}: its data differed from what won; "
                + $"{Times(Number(child, "repairs"), "range")} of it rewritten.";
        }

        long readErrors = Number(child, "read-errors");
        long writeErrors = Number(child, "write-errors");
        long flushErrors = Number(child, "flush-errors");
        if (readErrors + writeErrors + flushErrors > 0)
        {
            yield return $"{who} failed {Times(readErrors, "read")}, {Times(writeErrors, "write")} and "
                + $"{Times(flushErrors, "flush")}.";
        }
    }

    private static Table TableOf(JsonElement volume, bool isTerminal)
    {
        Table table = new() { Border = isTerminal ? TableBorder.Rounded : TableBorder.Ascii };
        foreach (string heading in (string[])
            ["child", "node", "state", "link", "votes lost", "repairs", "errors r/w/f"])
        {
            table.AddColumn(new TableColumn(heading).NoWrap());
        }

        foreach (JsonElement child in volume.GetProperty("children").EnumerateArray())
        {
            string state = Text(child, "state");
            table.AddRow(
                new Text(Text(child, "name")),
                new Text(Text(child, "node")),
                new Text(state, new Style(state == "synced" ? Color.Green : Color.Red)),
                new Text(Text(child, "link")),
                new Text(Text(child, "votes-lost")),
                new Text(Text(child, "repairs")),
                new Text(Errors(child)));
        }

        return table;
    }

    private static string Children(int count) => count == 1 ? "1 child" : $"{count} children";

    private static string Winning(long votes) => votes == 1 ? "1 vote wins" : $"{votes} equal votes win";

    private static string Times(long count, string what)
    {
        string plural = what.EndsWith("sh", StringComparison.Ordinal) ? $"{what}es" : $"{what}s";
        return count == 1 ? $"1 {what}" : $"{count} {plural}";
    }

    private static string Errors(JsonElement child) =>
        $"{Text(child, "read-errors")}/{Text(child, "write-errors")}/{Text(child, "flush-errors")}";

    /// <summary>What ends a sentence: a colon and the reason, if there is one.</summary>
    private static string Reason(JsonElement of) =>
        of.TryGetProperty("reason", out JsonElement why) ? $": {$"{why}".TrimEnd('.')}." : ".";

    private static string Text(JsonElement from, string name) =>
        JsonMembers.Text(from, name, otherwise: "-");

    private static long Number(JsonElement from, string name) => JsonMembers.Number(from, name);
}
