using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Qmp.Blocks;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>volume-create</c>: makes a volume with one replica a node; it is an export as soon as it is made.
/// </summary>
/// <param name="gateway">Answers CreateVolume.</param>
/// <param name="graph">The nodes there are.</param>
/// <param name="nodes">All storage nodes, in their order: the children when none are named.</param>
public sealed class VolumeCreateCommand(GatewayCalls gateway, BlockGraph graph, IReadOnlyList<string> nodes)
    : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "volume-create";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        string name = arguments.String("name");
        long sizeBytes = arguments.Integer("size", 1, RecordLimits.SizeMaxBytes);
        IReadOnlyList<string>? children = arguments.OptionalStrings("children");
        int childCount = children?.Count ?? nodes.Count;
        VolumeOptions options = VolumeArguments.Options(
            arguments, arguments.OptionalInteger("vote-threshold") ?? (childCount / 2) + 1);
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        if (childCount == 0)
        {
            return QmpResult.Fail(
                "Parameter 'children' expects at least one node; left out, it is all of them");
        }

        if (VolumeArguments.SizeError(sizeBytes) is { } sizeError)
        {
            return QmpResult.Fail(sizeError);
        }

        if (VolumeArguments.Error(options, childCount) is { } error)
        {
            return QmpResult.Fail(error);
        }

        string[] names =
            [name, .. (children ?? nodes).Select(node => VolumeChild.UsualNodeName(name, node))];
        using NameClaim? claim = graph.TryClaim(
            [.. names, BlockGraph.ExportIdClaim(name), BlockGraph.ExportNameClaim(name)]);
        string? taken = claim is null ? name : names.FirstOrDefault(graph.IsAnnounced);
        if (taken is not null)
        {
            return QmpResult.Fail(BlockTexts.Duplicate(taken));
        }

        return await ExportFailureAsync(name) ?? await gateway.RunAsync<VolumeReady>(
            new CreateVolume(name, sizeBytes, children, options),
            static ready => QmpResult.Return(VolumeJson.Describe(ready.Status)),
            claim);
    }

    /// <summary>
    /// Its own export must be the only one of that id and name: clients that ask for the volume would
    /// otherwise be served another.
    /// </summary>
    private async ValueTask<QmpResult?> ExportFailureAsync(string name)
    {
        (BlockView? view, QmpResult? unknown) = await graph.ViewAsync();
        VolumeStatus? other = view?.Volumes.FirstOrDefault(volume => volume.Name != name
            && volume.Exports.Any(export => export.Id == name || export.Name == name));
        return view is null ? unknown
            : other is null ? null
            : QmpResult.Fail($"Volume '{other.Name}' has an export with the id or name '{name}'");
    }
}
