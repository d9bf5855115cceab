using System.Text.Json.Nodes;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Qmp.Blocks;

namespace Replication.Gateway.Qmp.Commands;

/// <summary><c>query-block-exports</c>: every export, by volume.</summary>
/// <param name="graph">The nodes there are.</param>
public sealed class QueryBlockExportsCommand(BlockGraph graph) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "query-block-exports";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        (BlockView? view, QmpResult? unknown) = await graph.ViewAsync();
        return view is null
            ? unknown!
            : QmpResult.Return(new JsonArray(
                [.. view.Volumes.SelectMany(static volume => volume.Exports.Select(
                    export => Describe(volume, export)))]));
    }

    private static JsonObject Describe(VolumeStatus volume, VolumeExport export) => new()
    {
        ["node-name"] = volume.Name,
        ["shutting-down"] = false,
        ["type"] = "nbd",
        ["id"] = export.Id,
    };
}
