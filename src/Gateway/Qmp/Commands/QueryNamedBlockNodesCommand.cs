using System.Text.Json.Nodes;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Qmp.Blocks;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>query-named-block-nodes</c>: each quorum followed by its replicas, then the replicas that no quorum
/// has.
/// </summary>
/// <param name="graph">The nodes there are.</param>
public sealed class QueryNamedBlockNodesCommand(BlockGraph graph) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "query-named-block-nodes";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        // Flat leaves out backing images, of which there are none.
        arguments.OptionalBoolean("flat");
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        (BlockView? view, QmpResult? unknown) = await graph.ViewAsync();
        return view is null ? unknown! : QmpResult.Return(new JsonArray([.. Describe(view)]));
    }

    private static IEnumerable<JsonObject> Describe(BlockView view)
    {
        foreach (VolumeStatus volume in view.Volumes)
        {
            yield return BlockJson.OfQuorum(volume);
            foreach (ChildStatus child in volume.Children)
            {
                yield return BlockJson.OfReplica(volume, child);
            }
        }

        foreach (ReplicaNode replica in view.Free)
        {
            yield return BlockJson.OfFree(replica);
        }
    }
}
