using System.Text.Json;

namespace Replication.Host.Output;

/// <summary>
/// What is wrong with a child, since when, and what is being done about it; nothing of one that is well.
/// </summary>
internal static class ChildSentences
{
    /// <summary>The subject of a child's sentences.</summary>
    public static string SubjectOf(JsonElement volume, JsonElement child) =>
        $"{Text(volume, "name")}/{Text(child, "name")}";

    /// <summary>How a child is called: by its node-name and its slot.</summary>
    /// <param name="child">The child.</param>
    /// <param name="slot">The member that has its slot.</param>
    public static string NameOf(JsonElement child, string slot = "name") =>
        $"{Text(child, "node-name")} ({Text(child, slot)})";

    /// <summary>All of it.</summary>
    public static IEnumerable<Sentence> Of(JsonElement volume, JsonElement child)
    {
        string subject = SubjectOf(volume, child);
        string who = NameOf(child);
        bool isOpen = Text(child, "link") == "open";
        string state = Text(child, "state");
        if (state != "synced")
        {
            yield return new Sentence(
                subject,
                "state",
                $"{who} is {state}{VolumeSentences.Since(child)}{VolumeSentences.Reason(child)} "
                    + Remedy(child, isOpen))
            {
                WhenOver = $"{who} is in sync and votes.",
            };
        }
        else if (!isOpen)
        {
            yield return new Sentence(
                subject,
                "state",
                $"{who} cannot be reached{VolumeSentences.Reason(child)} It is tried again and again.")
            {
                WhenOver = $"{who} is in use again.",
            };
        }

        if (child.TryGetProperty("resync", out JsonElement resync))
        {
            yield return new Sentence(
                subject, "resync", $"{who} is being resynced: {ResyncWords.Of(resync)}.")
            {
                IsProgress = true,
            };
        }

        if (JsonMembers.Number(child, "votes-lost") > 0)
        {
            yield return new Sentence(subject, "votes", LostVotes(volume, child, who));
        }

        long readErrors = JsonMembers.Number(child, "read-errors");
        long writeErrors = JsonMembers.Number(child, "write-errors");
        long flushErrors = JsonMembers.Number(child, "flush-errors");
        if (readErrors + writeErrors + flushErrors > 0)
        {
            yield return new Sentence(
                subject,
                "errors",
                $"{who} failed {Times(readErrors, "read")}, {Times(writeErrors, "write")} and "
                    + $"{Times(flushErrors, "flush")}.");
        }
    }

    private static string Remedy(JsonElement child, bool isOpen) =>
        !isOpen ? "It does not vote; it is tried again and again, and resynced once it can be reached."
        : child.TryGetProperty("resync", out _) ? "It can be reached, and votes once it is resynced."
        : "It can be reached, and its resync is about to begin; it votes after that.";

    private static string LostVotes(JsonElement volume, JsonElement child, string who)
    {
        long votesLost = JsonMembers.Number(child, "votes-lost");
        string repaired = Text(volume, "rewrite-corrupted") == bool.FalseString
            ? "it is left as it is, since rewrite-corrupted is off"
            : $"{Times(JsonMembers.Number(child, "repairs"), "range")} of it rewritten";
        return $"{who} lost {Times(votesLost, "vote")}, the last at {Text(child, "last-lost-vote")}: "
            + $"its data differed from what won; {repaired}.";
    }

    private static string Times(long count, string what)
    {
        string plural = what.EndsWith("sh", StringComparison.Ordinal) ? $"{what}es" : $"{what}s";
        return count == 1 ? $"1 {what}" : $"{count} {plural}";
    }

    private static string Text(JsonElement from, string name) =>
        JsonMembers.Text(from, name, otherwise: "-");
}
