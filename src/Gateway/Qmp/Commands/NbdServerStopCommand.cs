using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Nbd;
using Replication.Gateway.Qmp.Blocks;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>nbd-server-stop</c>: disconnects every client, stops listening, and removes the exports that
/// <c>block-export-add</c> made. A volume's own export stays, and is served again when the server is.
/// </summary>
/// <param name="gateway">Answers RemoveExport.</param>
/// <param name="graph">The nodes there are.</param>
/// <param name="door">What is closed.</param>
public sealed class NbdServerStopCommand(GatewayCalls gateway, BlockGraph graph, INbdDoor door) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "nbd-server-stop";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        // First: an export that cannot be removed must not keep the server open.
        if (!await door.CloseAsync())
        {
            return QmpResult.Fail("NBD server not running");
        }

        (BlockView? view, QmpResult? unknown) = await graph.ViewAsync();
        if (view is null)
        {
            return unknown!;
        }

        QmpResult result = QmpResult.Empty;
        List<string> gone = [];
        foreach (VolumeStatus volume in view.Volumes)
        {
            foreach (VolumeExport export in volume.Exports)
            {
                if (export.Id != volume.Name || export.Name != volume.Name)
                {
                    QmpResult removed = await RemoveAsync(volume.Name, export);
                    if (removed.Error is null)
                    {
                        gone.Add(export.Id);
                    }

                    result = result.Error is null ? removed : result;
                }
            }
        }

        return result.WithRemovedExports(gone);
    }

    private ValueTask<QmpResult> RemoveAsync(string volume, VolumeExport export) =>
        gateway.RunAsync<ExportsChanged>(
            new RemoveExport(volume, export.Id), static _ => QmpResult.Empty);
}
