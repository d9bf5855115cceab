using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Events;
using Replication.Messages.Digests;

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
            ["read-pattern"] = EnumWords<ReadPattern>.Of(volume.Options.ReadPattern),
            ["rewrite-corrupted"] = volume.Options.RewriteCorrupted,
            ["blkverify"] = volume.Options.Blkverify,
            ["digest"] = EnumWords<DigestKind>.Of(volume.Options.Digest),
            ["durability"] = EnumWords<Durability>.Of(volume.Options.Durability),
            ["on-cache-loss"] = EnumWords<CacheLossPolicy>.Of(volume.Options.OnCacheLoss),
            ["epoch"] = volume.Epoch,
            ["condition"] = EnumWords<VolumeCondition>.Of(volume.Condition),
        };
        AddIfThere(json, "since", Time(volume.Since));
        AddIfThere(json, "reason", volume.Reason);
        if (!volume.Answers)
        {
            json["answers"] = false;
        }

        json["unreconciled-bytes"] = volume.UnreconciledBytes;
        json["bad-bytes"] = volume.BadBytes;
        json["reads-without-winner"] = volume.ReadsWithoutWinner?.Count ?? 0;
        if (volume.ReadsWithoutWinner is { } reads)
        {
            json["last-read-without-winner"] = new JsonObject
            {
                ["at"] = Time(reads.LastAt),
                ["offset"] = reads.LastOffsetBytes,
                ["length"] = reads.LastLengthBytes,
            };
        }

        json["exports"] = new JsonArray([.. volume.Exports.Select(Describe)]);
        json["children"] = new JsonArray([.. volume.Children.Select(Describe)]);
        return json;
    }

    private static JsonObject Describe(VolumeExport export) => new()
    {
        ["id"] = export.Id,
        ["name"] = export.Name,
        ["writable"] = export.Writable,
        ["description"] = export.Description,
    };

    /// <summary>One child, with what it has done.</summary>
    public static JsonObject Describe(ChildStatus child)
    {
        JsonObject json = new()
        {
            ["name"] = child.Name,
            ["node"] = child.Node,
            ["node-name"] = child.NodeName,
            ["state"] = EnumWords<ChildState>.Of(child.State),
            ["link"] = EnumWords<ChildLink>.Of(child.Link),
        };
        AddIfThere(json, "since", Time(child.Since));
        AddIfThere(json, "reason", child.Reason);
        AddIfThere(json, "last-lost-vote", Time(child.LastLostVote));
        if (child.Resync is { } resync)
        {
            json["resync"] = new JsonObject(ResyncMembers.Of(resync).Select(
                static member => KeyValuePair.Create<string, JsonNode?>(member.Name, member.Value)));
        }

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
}
