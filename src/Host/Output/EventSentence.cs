using System.Globalization;
using System.Text.Json;
using Replication.Host.Options;

namespace Replication.Host.Output;

/// <summary>Events as people read them: the time and one sentence.</summary>
internal static class EventSentence
{
    private const int SectorBytes = 512;

    /// <summary>One line for an event object; an unknown one is shown by its name and members.</summary>
    public static string Line(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement happened = document.RootElement;
        return $"{Time(happened)}  {Describe(happened)}";
    }

    /// <summary>The sentence alone, for a line that has its own time.</summary>
    public static string WithoutTime(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return Describe(document.RootElement);
    }

    /// <summary>Whether it tells what one request found, as a log tells of each request by itself.</summary>
    public static bool IsOfOneRequest(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return Text(document.RootElement, "event")
            is "QUORUM_REPORT_BAD" or "QUORUM_FAILURE" or "RANGE_REPAIRED";
    }

    private static string Describe(JsonElement happened)
    {
        if (!happened.TryGetProperty("data", out JsonElement data) || data.ValueKind != JsonValueKind.Object)
        {
            return InWords(Text(happened, "event"));
        }

        return Text(happened, "event") switch
        {
            "QUORUM_REPORT_BAD" => DescribeBad(data),
            "QUORUM_FAILURE" =>
                $"{Text(data, "reference")}: no quorum for {Range(data)}, the request failed",
            "RANGE_REPAIRED" =>
                $"{Text(data, "node-name")} was rewritten with what won the vote: {Range(data)}",
            "CHILD_STATE_CHANGE" =>
                $"{Text(data, "node-name")} ({Text(data, "child")}) is now {Text(data, "state")}: "
                    + Text(data, "reason"),
            "VOLUME_CONDITION_CHANGE" =>
                $"{Text(data, "volume")} is now {Text(data, "condition")}: {Text(data, "reason")}",
            "RESYNC_STARTED" => Text(data, "everything") == bool.TrueString
                ? $"{Text(data, "node-name")} is being resynced from the start: all that was ever written is "
                    + "compared, what differs is copied"
                : $"{Text(data, "node-name")} is being resynced: what it missed is copied to it",
            "RESYNC_PROGRESS" => $"{Text(data, "node-name")} is being resynced: {ResyncWords.Of(data)}",
            "RESYNC_ENDED" => DescribeEnd(data),
            "UNFLUSHED_WRITES_LOST" =>
                $"{Text(data, "volume")} may have lost writes that no flush followed: {Text(data, "reason")}",
            "BAD_BLOCKS_CHANGE" => Text(data, "bad") == bool.TrueString
                ? $"{Text(data, "volume")}: no version of {Range(data)} won, reads of it fail "
                    + "until it is written"
                : $"{Text(data, "volume")}: {Range(data)} can be read again",
            "BLKVERIFY_MISMATCH" =>
                $"{Text(data, "volume")} has stopped: {NodeNames(data)} differ at byte "
                    + Text(data, "byte-offset"),
            "VOLUME_CREATED" =>
                $"{Text(data, "volume")} was made: {ByteSize.Format(Number(data, "size"))} on {Nodes(data)}, "
                    + $"threshold {Text(data, "threshold")}",
            "VOLUME_DELETED" => $"{Text(data, "volume")} was deleted{Untold(data)}",
            "VOLUME_REOPENED" => $"{Text(data, "volume")} was started again after its stop by blkverify",
            "CHILD_ADDED" =>
                $"{Text(data, "node-name")} ({Text(data, "child")}) was added to {Text(data, "volume")}",
            "CHILD_REMOVED" => $"{Text(data, "node-name")} ({Text(data, "child")}) was taken out of "
                + Text(data, "volume") + Untold(data),
            string other => $"{InWords(other)}: "
                + string.Join(", ", data.EnumerateObject().Select(
                    static member => $"{member.Name} {member.Value}")),
        };
    }

    /// <summary>An unknown event by its name: <c>VOLUME_MOVED</c> as <c>volume moved</c>.</summary>
    private static string InWords(string name) => name.Replace('_', ' ').ToLowerInvariant();

    private static string DescribeBad(JsonElement data)
    {
        string node = Text(data, "node-name");
        string type = Text(data, "type");
        if (!data.TryGetProperty("error", out JsonElement error))
        {
            return $"{node} lost a vote: its data differs in a {type} of {Range(data)}";
        }

        return type == "flush"
            ? $"{node} failed a flush: {error}"
            : $"{node} failed a {type} of {Range(data)}: {error}";
    }

    private static string DescribeEnd(JsonElement data)
    {
        string node = Text(data, "node-name");
        string copied = ByteSize.Rounded(Number(data, "copied-bytes"));
        return data.TryGetProperty("error", out JsonElement error)
            ? $"{node} is not in sync, its resync ended after {copied}: {error}"
            : $"{node} is in sync: {copied} of it were written";
    }

    private static string Nodes(JsonElement data) =>
        data.TryGetProperty("children", out JsonElement children) && children.ValueKind == JsonValueKind.Array
            ? string.Join(", ", children.EnumerateArray().Select(static child => Text(child, "node")))
            : "its nodes";

    private static string Untold(JsonElement data) =>
        string.Concat(UntoldNodes.Sentences(data).Select(static sentence => $"; {sentence.TrimEnd('.')}"));

    private static string NodeNames(JsonElement data) =>
        data.TryGetProperty("node-names", out JsonElement names) && names.ValueKind == JsonValueKind.Array
            ? string.Join(" and ", names.EnumerateArray())
            : "its replicas";

    private static string Range(JsonElement data)
    {
        long offsetBytes = Number(data, "sector-num") * SectorBytes;
        long lengthBytes = Number(data, "sectors-count") * SectorBytes;
        return $"{ByteSize.InWords(lengthBytes)} at {ByteSize.Format(offsetBytes)}";
    }

    private static string Time(JsonElement happened)
    {
        if (!happened.TryGetProperty("timestamp", out JsonElement at))
        {
            return "-";
        }

        DateTime time = DateTime.UnixEpoch
            .AddSeconds(Number(at, "seconds"))
            .AddMicroseconds(Number(at, "microseconds"));
        return time.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
    }

    private static string Text(JsonElement from, string name) =>
        JsonMembers.Text(from, name, otherwise: "?");

    private static long Number(JsonElement from, string name) => JsonMembers.Number(from, name);
}
