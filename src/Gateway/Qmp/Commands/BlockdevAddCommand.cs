using Replication.Cluster.Membership;
using Replication.Coordinator.Entry;
using Replication.Gateway.Qmp.Blocks;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>blockdev-add</c>: announces a replica, or makes a quorum of announced or new replicas, which nobody can
/// reach before <c>block-export-add</c>.
/// </summary>
/// <param name="gateway">Answers CreateVolume.</param>
/// <param name="graph">The nodes there are.</param>
/// <param name="nodes">The storage nodes.</param>
public sealed class BlockdevAddCommand(GatewayCalls gateway, BlockGraph graph, NodeDirectory nodes)
    : IQmpCommand
{
    private const string QuorumDriver = "quorum";

    /// <inheritdoc/>
    public string Name => "blockdev-add";

    /// <inheritdoc/>
    public ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation) =>
        arguments.Word("driver", QuorumDriver, ReplicaArguments.Driver) == QuorumDriver
            ? AddQuorumAsync(arguments)
            : AddReplicaAsync(arguments);

    private async ValueTask<QmpResult> AddReplicaAsync(QmpArguments arguments)
    {
        ReplicaArguments given = ReplicaArguments.Read(arguments);
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        if (NodeNameError(given.NodeName) is { } nameError)
        {
            return QmpResult.Fail(nameError);
        }

        string name = given.NodeName!;
        using NameClaim? claim = graph.TryClaim([name]);
        (BlockView? view, QmpResult? unknown) = await graph.ViewAsync();
        if (view is null)
        {
            return unknown!;
        }

        if (claim is null || view.Has(name))
        {
            return QmpResult.Fail(BlockTexts.Duplicate(name));
        }

        if (given.Error(nodes) is { } error)
        {
            return QmpResult.Fail(error);
        }

        return graph.TryAnnounce(new ReplicaNode(name, given.Host, given.SizeBytes))
            ? QmpResult.Empty
            : QmpResult.Fail($"there are {BlockGraph.ReplicasMax} replicas already, which are the most");
    }

    private async ValueTask<QmpResult> AddQuorumAsync(QmpArguments arguments)
    {
        QuorumPlan plan = QuorumPlan.Read(arguments);
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        if (NodeNameError(plan.Name) is { } nameError)
        {
            return QmpResult.Fail(nameError);
        }

        string[] names = [.. plan.Names];
        using NameClaim? claim = graph.TryClaim(names);
        if (claim is null)
        {
            return QmpResult.Fail(
                $"Another command is changing one of the nodes {string.Join(", ", names)}; try again");
        }

        (BlockView? view, QmpResult? unknown) = await graph.ViewAsync();
        if (view is null)
        {
            return unknown!;
        }

        (CreateVolume? request, string? error) = plan.Resolve(view, nodes);
        return request is null
            ? QmpResult.Fail(error!)
            : await gateway.RunAsync<VolumeReady>(request, static _ => QmpResult.Empty, claim);
    }

    private static string? NodeNameError(string? name) => name is null
        ? "'node-name' must be specified for the root node"
        : BlockTexts.NodeNameError(name);
}
