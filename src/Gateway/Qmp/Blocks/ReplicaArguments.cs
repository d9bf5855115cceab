using Replication.Cluster.Membership;
using Replication.Gateway.Qmp.Commands;

namespace Replication.Gateway.Qmp.Blocks;

/// <summary>A replica as <c>blockdev-add</c> describes it, on its own or among a quorum's children.</summary>
/// <param name="NodeName">Null where none was given.</param>
/// <param name="Host">The storage node.</param>
/// <param name="SizeBytes">Null where none was given.</param>
internal sealed record ReplicaArguments(string? NodeName, string Host, long? SizeBytes)
{
    /// <summary>The driver of replicas.</summary>
    public const string Driver = "replica";

    /// <summary>Takes the arguments but for <c>driver</c>.</summary>
    public static ReplicaArguments Read(QmpArguments arguments) => new(
        arguments.OptionalString("node-name"),
        arguments.String("host"),
        VolumeArguments.OptionalSize(arguments));

    /// <summary>What is wrong with its host or size; null when nothing is.</summary>
    public string? Error(NodeDirectory nodes)
    {
        if (!nodes.TryGetAddress(Host, out _))
        {
            return $"there is no storage node '{Host}'; there are "
                + string.Join(", ", nodes.Nodes.Select(static node => node.Name));
        }

        return SizeBytes is { } size ? VolumeArguments.SizeError(size) : null;
    }
}
