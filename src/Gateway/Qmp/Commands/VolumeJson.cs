using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// Volumes as <c>query-volumes</c> shows them; docs/qmp.md has the members and their meaning.
/// </summary>
internal static class VolumeJson
{
    /// <summary>One volume. Members that have nothing to say are left out.</summary>
    public static JsonObject Describe(VolumeStatus volume)
    {
        JsonObject json = new()
        {
            ["name"] = volume.Name,
            ["id"] = volume.Id.ToString("D"),
            ["size"] = volume.SizeBytes,
            ["vote-threshold"] = volume.Options.Threshold,
            ["read-pattern"] = Word(volume.Options.ReadPattern),
            ["rewrite-corrupted"] = volume.Options.RewriteCorrupted,
            ["blkverify"] = volume.Options.Blkverify,
            ["digest"] = Word(volume.Options.Digest),
            ["durability"] = Word(volume.Options.Durability),
            ["on-cache-loss"] = Word(volume.Options.OnCacheLoss),
            ["epoch"] = volume.Epoch,
            ["condition"] = Word(volume.Condition),
        };
        AddIfThere(json, "reason", volume.Reason);
        json["unreconciled-bytes"] = volume.UnreconciledBytes;
        json["children"] = new JsonArray([.. volume.Children.Select(Describe)]);
        return json;
    }

    private static JsonObject Describe(ChildStatus child)
    {
        JsonObject json = new()
        {
            ["name"] = child.Name,
            ["node"] = child.Node,
            ["node-name"] = child.NodeName,
            ["state"] = Word(child.State),
            ["link"] = Word(child.Link),
        };
        AddIfThere(json, "since", Time(child.Since));
        AddIfThere(json, "reason", child.Reason);
        AddIfThere(json, "last-lost-vote", Time(child.LastLostVote));
        json["votes-lost"] = child.Counters.VotesLost;
        json["repairs"] = child.Counters.Repairs;
        json["read-errors"] = child.Counters.ReadErrors;
        json["write-errors"] = child.Counters.WriteErrors;
        json["flush-errors"] = child.Counters.FlushErrors;
        return json;
    }

    private static void AddIfThere(JsonObject json, string name, string? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }

    private static string? Time(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
