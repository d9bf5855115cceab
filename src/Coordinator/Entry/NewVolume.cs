using System.Collections.Immutable;
using Replication.Actors.Threading;
using Replication.Cluster.Records;

namespace Replication.Coordinator.Entry;

/// <summary>What an administrator asks for in a new volume, as its first record.</summary>
internal static class NewVolume
{
    /// <summary>The record, or why there can be no such volume.</summary>
    internal static RecordChange Plan(CreateVolume create, ImmutableArray<string> storageNodes, IIdSource ids)
    {
        IReadOnlyList<string> nodes = create.Nodes is { Count: > 0 } given ? given : storageNodes;
        if (nodes.FirstOrDefault(node => !storageNodes.Contains(node)) is { } unknown)
        {
            return new RecordChange.Refused(
                $"there is no storage node '{unknown}'; there are {string.Join(", ", storageNodes)}");
        }

        IReadOnlyList<string>? nodeNames = create.NodeNames;
        if (nodeNames is not null && nodeNames.Count != nodes.Count)
        {
            return new RecordChange.Refused(
                $"there are {nodeNames.Count} node-names for {nodes.Count} children");
        }

        ChildPlacement[] placements =
        [
            .. nodes.Select((node, position) =>
                new ChildPlacement(node, ids.NewGuid(), nodeNames?[position])),
        ];
        RecordChange change = VolumeRecord.Create(
            create.Name, ids.NewGuid(), create.SizeBytes, create.Options, placements);
        return change is RecordChange.Allowed allowed && !create.IsExported
            ? new RecordChange.Allowed(allowed.Record with { Exports = [] })
            : change;
    }
}
