using System.Text.Json.Nodes;
using Replication.Actors;
using Replication.Coordinator.Entry;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>child-add</c>: gives a volume a child more on a node; it is answered when the child is in the record,
/// and the copying to it goes on after that.
/// </summary>
/// <param name="gateway">Answers AddChild.</param>
public sealed class ChildAddCommand(IActorRef gateway) : IQmpCommand
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

        return await GatewayCalls.RunAsync<ChildAdded>(
            gateway,
            new AddChild(volume, node) { NodeName = nodeName },
            static added => QmpResult.Return(
                new JsonObject { ["child"] = added.Child, ["node-name"] = added.NodeName }));
    }
}
