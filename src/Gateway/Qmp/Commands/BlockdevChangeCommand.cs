using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Qmp.Blocks;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>x-blockdev-change</c>: QEMU's form of <c>child-add</c> and <c>child-remove</c>, with QEMU's checks in
/// its order and words.
/// </summary>
/// <param name="gateway">Answers AddChild and RemoveChild.</param>
/// <param name="graph">The nodes there are.</param>
public sealed class BlockdevChangeCommand(GatewayCalls gateway, BlockGraph graph) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "x-blockdev-change";

    /// <inheritdoc/>
    public bool IsUnstable => true;

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        string parent = arguments.String("parent");
        string? child = arguments.OptionalString("child");
        string? node = arguments.OptionalString("node");
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        using NameClaim? claim = node is null ? null : graph.TryClaim([node]);
        (BlockView? view, QmpResult? unknown) = await graph.ViewAsync();
        if (view is null)
        {
            return unknown!;
        }

        if (!view.Has(parent))
        {
            return QmpResult.Fail(BlockTexts.CannotFind(parent));
        }

        return (child, node) switch
        {
            (null, null) => QmpResult.Fail("Either child or node must be specified"),
            (not null, not null) => QmpResult.Fail("The parameters child and node are in conflict"),
            (not null, null) => await RemoveAsync(view, parent, child),
            (null, not null) => await AddAsync(view, parent, node, claim),
        };
    }

    private async ValueTask<QmpResult> RemoveAsync(BlockView view, string parent, string child)
    {
        VolumeStatus? volume = view.FindVolume(parent);
        if (volume?.Children.Any(one => one.Name == child) != true)
        {
            return QmpResult.Fail($"Node '{parent}' does not have child '{child}'");
        }

        int threshold = volume.Options.Threshold;
        return volume.Children.Count <= threshold
            ? QmpResult.Fail($"The number of children cannot be lower than the vote threshold {threshold}")
            : await gateway.RunAsync<ChildRemoved>(
                new RemoveChild(parent, child), static _ => QmpResult.Empty);
    }

    private async ValueTask<QmpResult> AddAsync(
        BlockView view, string parent, string node, NameClaim? claim)
    {
        if (!view.Has(node))
        {
            return QmpResult.Fail($"Node '{node}' not found");
        }

        if (view.FindVolume(parent) is not { } volume)
        {
            return QmpResult.Fail($"The node {parent} does not support adding a child");
        }

        if (claim is null || view.IsAttached(node))
        {
            return QmpResult.Fail(BlockTexts.HasParent(node));
        }

        if (volume.Options.Blkverify)
        {
            return QmpResult.Fail("Cannot add a child to a quorum in blkverify mode");
        }

        if (!view.Announced.TryGetValue(node, out ReplicaNode? replica))
        {
            return QmpResult.Fail(BlockTexts.NoReplica(node));
        }

        AddChild request = new(parent, replica.Host)
        {
            NodeName = replica.NodeName,
            SizeBytes = replica.SizeBytes,
        };
        return await gateway.RunAsync<ChildAdded>(request, static _ => QmpResult.Empty, claim);
    }
}
