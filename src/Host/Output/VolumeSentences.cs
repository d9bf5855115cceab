using System.Text.Json;
using Replication.Host.Options;

namespace Replication.Host.Output;

/// <summary>
/// What there is to say of a volume that <c>query-volumes</c> returned: how it is, since when and why, what
/// becomes of that, and then the same of each child that is not as it should be.
/// </summary>
internal static class VolumeSentences
{
    private const long BlockBytes = 4096;

    /// <summary>A blkverify volume takes and loses no child: a write is what makes its two equal.</summary>
    private const string WhatStopsAgain = "A read stops it again where the replicas still differ: write that "
        + "range anew by NBD, with the data that is right, before it is read.";

    /// <summary>All of it, the condition first.</summary>
    public static IEnumerable<Sentence> Of(JsonElement volume)
    {
        string name = Text(volume, "name");
        string condition = Text(volume, "condition");
        yield return new Sentence(name, "condition", Condition(volume, name, condition));
        yield return new Sentence(name, "options", Options(volume, name));
        if (Tie(volume) is { } tie)
        {
            yield return new Sentence(name, "tie", tie);
        }

        if (volume.TryGetProperty("exports", out JsonElement exports) && exports.GetArrayLength() == 0)
        {
            yield return new Sentence(
                name, "exports", $"{name} is not exported: no NBD client can attach to it.");
        }

        if (JsonMembers.Number(volume, "unreconciled-bytes") is > 0 and long unreconciled)
        {
            yield return new Sentence(
                name,
                "reconcile",
                $"{ByteSize.InWords(unreconciled)} of {name} are being made equal on all children: "
                    + "reads of them wait for that.")
            {
                WhenOver = $"{name} is reconciled: no read waits for that any more.",
                IsProgress = true,
            };
        }

        if (Bad(volume) is > 0 and long bad)
        {
            yield return new Sentence(name, "bad blocks", WhatWasLost(name, bad))
            {
                WhenOver = $"{name} has no bad block any more.",
            };
        }

        if (WithoutWinner(volume) is { } reads)
        {
            yield return new Sentence(name, "reads", reads);
        }

        foreach (JsonElement child in volume.GetProperty("children").EnumerateArray())
        {
            foreach (Sentence sentence in ChildSentences.Of(volume, child))
            {
                yield return sentence;
            }
        }
    }

    /// <summary>Prints what a new volume is and how it is attached.</summary>
    public static void WriteCreated(JsonElement volume, CommandOutput output)
    {
        string name = Text(volume, "name");
        string nodes = string.Join(", ", volume.GetProperty("children").EnumerateArray().Select(
            static child => Text(child, "node")));
        output.Out.WriteLine($"{name} is made: {ByteSize.InWords(Number(volume, "size"))} on {nodes}; "
            + $"{Reads(volume)}.");
        output.Out.WriteLine($"NBD clients attach to it by the export name '{name}'.");
        WriteTie(volume, output);
        if (volume.GetProperty("children").GetArrayLength() == 1)
        {
            output.Out.WriteLine($"{name} has a single replica: nothing tells when it lies, and nothing "
                + $"replaces it when it is lost. 'replication child add {name} NODE' adds one.");
        }
        else if (Text(volume, "read-pattern") == "fifo")
        {
            output.Out.WriteLine($"{name} does not vote on reads: a lie of the first child goes through.");
        }

        if (Text(volume, "condition") != "healthy")
        {
            WriteCondition(volume, output);
        }
    }

    /// <summary>Prints a warning when as few replicas as can tie with the others win a vote.</summary>
    public static void WriteTie(JsonElement volume, CommandOutput output)
    {
        if (Tie(volume) is { } tie)
        {
            output.Out.WriteLine(tie);
        }
    }

    /// <summary>Prints how a volume is and why.</summary>
    public static void WriteCondition(JsonElement volume, CommandOutput output) =>
        output.Out.WriteLine(Condition(volume, Text(volume, "name"), Text(volume, "condition")));

    /// <summary>Prints how a volume is after blkverify's stop was taken back, and what may stop it.</summary>
    public static void WriteReopened(JsonElement volume, CommandOutput output)
    {
        WriteCondition(volume, output);
        if (Text(volume, "condition") != "stopped")
        {
            output.Out.WriteLine(WhatStopsAgain);
        }
    }

    /// <summary>How many blocks cannot be read, such as <c>2 blocks</c>; null: all can.</summary>
    internal static string? BadBlocks(JsonElement volume) =>
        Bad(volume) is > 0 and long bad ? Blocks(bad) : null;

    /// <summary>What ends a sentence: a colon and the reason, if there is one.</summary>
    internal static string Reason(JsonElement of) =>
        of.TryGetProperty("reason", out JsonElement why) ? $": {$"{why}".TrimEnd('.')}." : ".";

    /// <summary>Since when, with a blank before it, if that is known.</summary>
    internal static string Since(JsonElement of) =>
        of.TryGetProperty("since", out JsonElement at) ? $" since {at}" : "";

    private static string Condition(JsonElement volume, string name, string condition) => condition switch
    {
        "healthy" when Bad(volume) is > 0 and long bad =>
            $"{name} is healthy, but {Blocks(bad)} of it cannot be read.",
        "healthy" => $"{name} is healthy.",
        "opening" => $"{name} is opening{Since(volume)}{Reason(volume)} Requests wait for its children.",
        "degraded" when Bad(volume) is > 0 and long bad =>
            $"{name} is degraded{Since(volume)}{Reason(volume)} It serves all requests but reads of "
                + $"{Blocks(bad)}.",
        "degraded" => $"{name} is degraded{Since(volume)}{Reason(volume)} It serves all requests.",
        "suspended" => $"{name} is suspended{Since(volume)}{Reason(volume)} Until that is over requests "
            + "fail, the first of them after child-timeout; it goes on by itself.",
        "failed" => $"{name} has failed{Since(volume)}{Reason(volume)} Nothing is served until the gateway "
            + "is restarted.",
        "stopped" => $"{name} is stopped{Since(volume)}{Reason(volume)} Find out which replica is right; "
            + $"then 'replication volume reopen {name}' starts it again. {WhatStopsAgain}",
        _ => $"{name} is {condition}{Since(volume)}{Reason(volume)}",
    };

    private static string Options(JsonElement volume, string name)
    {
        int children = volume.GetProperty("children").GetArrayLength();
        string size = ByteSize.InWords(Number(volume, "size"));
        string survives = Text(volume, "durability") switch
        {
            "flush" => "; writes survive the loss of power once they are flushed.",
            "write" => "; writes survive the loss of power once they are answered.",
            _ => ".",
        };
        return $"{name} has {size} on {(children == 1 ? "1 child" : $"{children} children")}; "
            + Reads(volume) + survives;
    }

    private static string? Tie(JsonElement volume) => TieWarning.Of(
        Text(volume, "name"),
        volume.GetProperty("children").GetArrayLength(),
        Number(volume, "vote-threshold"),
        isVoted: Text(volume, "read-pattern") != "fifo" && Text(volume, "blkverify") != bool.TrueString);

    private static long Bad(JsonElement volume) => JsonMembers.Number(volume, "bad-bytes");

    private static string Blocks(long bytes) =>
        bytes / BlockBytes == 1 ? "1 block" : $"{bytes / BlockBytes} blocks";

    /// <summary>What answers a read.</summary>
    private static string Reads(JsonElement volume) =>
        Text(volume, "read-pattern") == "fifo" ? "the first that can answers a read"
        : Text(volume, "blkverify") == bool.TrueString ? "a read on which they differ stops it"
        : $"{Winning(Number(volume, "vote-threshold"))} a read";

    private static string WhatWasLost(string name, long bytes)
    {
        long blocks = bytes / BlockBytes;
        return blocks == 1
            ? $"No version of 1 block of 4KiB of {name} won: reads of it fail until it is written as a whole."
            : $"No version of {blocks} blocks of 4KiB of {name} won: reads of them fail until they are "
                + "written as a whole.";
    }

    /// <summary>How many reads failed for want of a winner, and the last; null when none did.</summary>
    private static string? WithoutWinner(JsonElement volume)
    {
        long count = Number(volume, "reads-without-winner");
        if (count == 0 || !volume.TryGetProperty("last-read-without-winner", out JsonElement last))
        {
            return null;
        }

        string reads = count == 1 ? "1 read" : $"{count} reads";
        string length = ByteSize.InWords(Number(last, "length"));
        string offset = ByteSize.Format(Number(last, "offset"));
        return $"{reads} of {Text(volume, "name")} found no version that enough replicas agree on, the "
            + $"last at {Text(last, "at")}: {length} at {offset}. What is written anew can be read again.";
    }

    private static string Winning(long votes) => votes == 1 ? "1 vote wins" : $"{votes} equal votes win";

    private static string Text(JsonElement from, string name) =>
        JsonMembers.Text(from, name, otherwise: "-");

    private static long Number(JsonElement from, string name) => JsonMembers.Number(from, name);
}
