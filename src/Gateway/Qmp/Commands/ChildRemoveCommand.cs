using System.Text.Json.Nodes;
using Replication.Actors;
using Replication.Coordinator.Entry;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>child-remove</c>: takes a child out of a volume, and its replica to its node's trash; says
/// whether the node could not be told.
/// </summary>
/// <param name="gateway">Answers RemoveChild.</param>
public sealed class ChildRemoveCommand(IActorRef gateway) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "child-remove";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        string volume = arguments.String("volume");
        string child = arguments.String("child");
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        return await GatewayCalls.RunAsync<ChildRemoved>(
            gateway,
            new RemoveChild(volume, child),
            static removed => QmpResult.Return(new JsonObject
            {
                ["left-on"] = removed.IsLeft ? new JsonArray(removed.Node) : new JsonArray(),
            }));
    }
}
