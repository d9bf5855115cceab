using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Qmp.Blocks;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>blockdev-del</c>: deletes a quorum that is not exported, whose replicas' files go to their nodes'
/// trash, or forgets an announced replica that no quorum has.
/// </summary>
/// <param name="gateway">Answers DeleteVolume.</param>
/// <param name="graph">The nodes there are.</param>
public sealed class BlockdevDelCommand(GatewayCalls gateway, BlockGraph graph) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "blockdev-del";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        string name = arguments.String("node-name");
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        using NameClaim? claim = graph.TryClaim([name]);
        (BlockView? view, QmpResult? unknown) = await graph.ViewAsync();
        if (view is null)
        {
            return unknown!;
        }

        if (claim is null)
        {
            return QmpResult.Fail($"Node {name} is in use");
        }

        return view.FindVolume(name) is { } volume
            ? await DeleteAsync(volume, claim)
            : Forget(name, view);
    }

    private async ValueTask<QmpResult> DeleteAsync(VolumeStatus volume, NameClaim claim) =>
        volume.Exports.Count > 0
        ? QmpResult.Fail($"Node {volume.Name} is in use")
        : await gateway.RunAsync<VolumeDeleted>(
            new DeleteVolume(volume.Name), static _ => QmpResult.Empty, claim);

    private QmpResult Forget(string name, BlockView view)
    {
        bool isAnnounced = view.Announced.ContainsKey(name);
        if (view.IsAttached(name))
        {
            return QmpResult.Fail(isAnnounced
                ? $"Block device {name} is in use"
                : $"Node {name} is not owned by the monitor");
        }

        if (!isAnnounced)
        {
            return QmpResult.Fail($"Failed to find node with node-name='{name}'");
        }

        graph.Forget(name);
        return QmpResult.Empty;
    }
}
