using System.Text.Json.Nodes;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Qmp.Commands;

namespace Replication.Gateway.Qmp.Blocks;

/// <summary>
/// Nodes as <c>query-named-block-nodes</c> shows them: the members that QEMU's BlockDeviceInfo wants, and
/// after them what is known here and not there.
/// </summary>
internal static class BlockJson
{
    private const string QuorumDriver = "quorum";

    /// <summary>A quorum, with what is known of each child.</summary>
    public static JsonObject OfQuorum(VolumeStatus volume)
    {
        JsonObject definition = new()
        {
            ["children"] = new JsonArray(
                [.. volume.Children.Select(static child => Definition(child.Node))]),
            ["driver"] = QuorumDriver,
            ["vote-threshold"] = volume.Options.Threshold,
        };
        JsonObject node = Node(volume.Name, QuorumDriver, definition, volume.SizeBytes);
        node["condition"] = EnumWords<VolumeCondition>.Of(volume.Condition);
        node["children"] = new JsonArray([.. volume.Children.Select(Child)]);
        return node;
    }

    /// <summary>A replica that a quorum has.</summary>
    public static JsonObject OfReplica(VolumeStatus volume, ChildStatus child)
    {
        JsonObject node = Node(
            child.NodeName, ReplicaArguments.Driver, Definition(child.Node), volume.SizeBytes);
        node["host"] = child.Node;
        node["parent"] = volume.Name;
        node["state"] = EnumWords<ChildState>.Of(child.State);
        return node;
    }

    /// <summary>A replica that no quorum has: of size 0 until it is known.</summary>
    public static JsonObject OfFree(ReplicaNode replica)
    {
        JsonObject node = Node(
            replica.NodeName, ReplicaArguments.Driver, Definition(replica.Host), replica.SizeBytes ?? 0);
        node["host"] = replica.Host;
        return node;
    }

    /// <summary>The child as query-volumes has it, its slot by QEMU's name for that.</summary>
    private static JsonObject Child(ChildStatus child)
    {
        JsonObject json = new() { ["child"] = child.Name };
        foreach ((string name, JsonNode? value) in VolumeJson.Describe(child))
        {
            if (name != "name")
            {
                json[name] = value?.DeepClone();
            }
        }

        return json;
    }

    private static JsonObject Definition(string host) =>
        new() { ["driver"] = ReplicaArguments.Driver, ["host"] = host };

    private static JsonObject Node(string name, string driver, JsonObject definition, long sizeBytes)
    {
        string file = $"json:{QmpLines.Text(definition)}";
        return new JsonObject
        {
            ["node-name"] = name,
            ["drv"] = driver,
            ["file"] = file,
            ["image"] = new JsonObject
            {
                ["virtual-size"] = sizeBytes,
                ["filename"] = file,
                ["format"] = driver,
            },
            ["ro"] = false,
            ["encrypted"] = false,
            ["detect_zeroes"] = "off",
            ["backing_file_depth"] = 0,
            ["write_threshold"] = 0,
            ["bps"] = 0,
            ["bps_rd"] = 0,
            ["bps_wr"] = 0,
            ["iops"] = 0,
            ["iops_rd"] = 0,
            ["iops_wr"] = 0,
            ["cache"] = new JsonObject { ["writeback"] = true, ["direct"] = false, ["no-flush"] = false },
        };
    }
}
