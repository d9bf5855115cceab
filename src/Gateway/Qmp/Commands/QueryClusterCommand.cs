using System.Text.Json.Nodes;
using Replication.Cluster.Membership;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>query-cluster</c>: this gateway, and the storage nodes in their order with how their replicas are
/// reached.
/// </summary>
/// <param name="gateway">Answers QueryVolumes.</param>
/// <param name="gatewayName">The gateway's own name.</param>
/// <param name="nodes">All storage nodes.</param>
public sealed class QueryClusterCommand(GatewayCalls gateway, string gatewayName, NodeDirectory nodes)
    : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "query-cluster";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation) =>
        arguments.Fails(out QmpResult? failure)
            ? failure
            : await gateway.RunAsync<VolumeList>(new QueryVolumes(), Describe);

    private QmpResult Describe(VolumeList list)
    {
        ILookup<string, (VolumeStatus Volume, ChildStatus Child)> children = list.Volumes
            .SelectMany(static volume => volume.Children.Select(child => (volume, child)))
            .ToLookup(static one => one.child.Node, StringComparer.Ordinal);
        return QmpResult.Return(new JsonObject
        {
            ["gateway"] = gatewayName,
            ["version"] = QmpVersion.Own,
            ["nodes"] = new JsonArray([.. nodes.Nodes.Select(node => new JsonObject
            {
                ["name"] = node.Name,
                ["address"] = node.Address,
                ["link"] = LinkOf([.. children[node.Name]]),
                ["replicas"] = children[node.Name].Count(),
            })]),
        });
    }

    /// <summary>
    /// What the replicas of a node tell of it: nothing but they is talked to. One that is open proves that
    /// the node answers; one that a volume in service has to do without, that it does not. A faulted one is
    /// not asked for, and one of a volume that is opening, has stopped or failed may not have been.
    /// </summary>
    private static string LinkOf(IReadOnlyList<(VolumeStatus Volume, ChildStatus Child)> replicas)
    {
        if (replicas.Any(static one => one.Child.Link == ChildLink.Open))
        {
            return "up";
        }

        return replicas.Any(static one => one.Child.State != ChildState.Faulted
            && one.Volume.Condition
                is VolumeCondition.Healthy or VolumeCondition.Degraded or VolumeCondition.Suspended)
            ? "down"
            : "unknown";
    }
}
