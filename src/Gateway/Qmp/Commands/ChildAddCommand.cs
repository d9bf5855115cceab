using System.Text.Json.Nodes;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Gateway.Qmp.Blocks;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>child-add</c>: gives a volume a child more on a node; it is answered when the child is in the record,
/// and the copying to it goes on after that.
/// </summary>
/// <param name="gateway">Answers AddChild.</param>
/// <param name="graph">The nodes there are.</param>
public sealed class ChildAddCommand(GatewayCalls gateway, BlockGraph graph) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "child-add";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        string volume = arguments.String("volume");
        string node = arguments.String("node");
        string? nodeName = arguments.OptionalString("node-name");
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        using NameClaim? claim =
            graph.TryClaim([nodeName ?? VolumeChild.UsualNodeName(volume, node)]);
        if (await NameFailureAsync(volume, node, nodeName, isClaimed: claim is not null) is { } taken)
        {
            return taken;
        }

        return await gateway.RunAsync<ChildAdded>(
            new AddChild(volume, node) { NodeName = nodeName },
            static added => QmpResult.Return(
                new JsonObject { ["child"] = added.Child, ["node-name"] = added.NodeName }),
            claim);
    }

    /// <summary>
    /// A name that was chosen must be new. The name that a node's replica has by itself is only held against
    /// announced ones: where the volume has a child there already, the gateway says that better.
    /// </summary>
    private async ValueTask<QmpResult?> NameFailureAsync(
        string volume, string node, string? nodeName, bool isClaimed)
    {
        if (nodeName is null)
        {
            string usual = VolumeChild.UsualNodeName(volume, node);
            return isClaimed && !graph.IsAnnounced(usual)
                ? null
                : QmpResult.Fail(BlockTexts.Duplicate(usual));
        }

        (BlockView? view, QmpResult? unknown) = await graph.ViewAsync();
        return view is null ? unknown
            : !isClaimed || view.Has(nodeName) ? QmpResult.Fail(BlockTexts.Duplicate(nodeName))
            : null;
    }
}
