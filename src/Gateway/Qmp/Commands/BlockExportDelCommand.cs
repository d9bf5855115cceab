using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Exports;
using Replication.Gateway.Qmp.Blocks;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>block-export-del</c>: offers a quorum no more; unless told otherwise, only where no client uses it.
/// </summary>
/// <param name="gateway">Answers RemoveExport.</param>
/// <param name="graph">The nodes there are.</param>
/// <param name="exports">Who uses what.</param>
public sealed class BlockExportDelCommand(GatewayCalls gateway, BlockGraph graph, ExportCatalog exports)
    : IQmpCommand
{
    /// <summary>What becomes of clients.</summary>
    private enum RemovalMode
    {
        /// <summary>The export stays while one is connected.</summary>
        Safe,

        /// <summary>They are disconnected.</summary>
        Hard,
    }

    /// <inheritdoc/>
    public string Name => "block-export-del";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        string id = arguments.String("id");
        RemovalMode mode = arguments.OptionalWord<RemovalMode>("mode") ?? RemovalMode.Safe;
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        (BlockView? view, QmpResult? unknown) = await graph.ViewAsync();
        if (view is null)
        {
            return unknown!;
        }

        (VolumeStatus Volume, VolumeExport Export) found = view.Volumes
            .SelectMany(static volume => volume.Exports.Select(export => (volume, export)))
            .FirstOrDefault(one => one.export.Id == id);
        if (found.Export is null)
        {
            return QmpResult.Fail($"Export '{id}' is not found");
        }

        return mode == RemovalMode.Safe && exports.CountUsers(found.Export.Name) > 0
            ? QmpResult.Fail($"export '{id}' still in use")
            : await gateway.RunAsync<ExportsChanged>(
                new RemoveExport(found.Volume.Name, id),
                _ => QmpResult.Empty.WithRemovedExports([id]));
    }
}
