using System.Text.Json.Nodes;
using Replication.Coordinator.Entry;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>child-remove</c>: takes a child out of a volume, and its replica to its node's trash; says
/// whether the node could not be told.
/// </summary>
/// <param name="gateway">Answers RemoveChild.</param>
public sealed class ChildRemoveCommand(GatewayCalls gateway) : GatewayCommand<ChildRemoved>(gateway)
{
    /// <inheritdoc/>
    public override string Name => "child-remove";

    /// <inheritdoc/>
    protected override object Request(QmpArguments arguments) =>
        new RemoveChild(arguments.String("volume"), arguments.String("child"));

    /// <inheritdoc/>
    protected override JsonNode Describe(ChildRemoved answer) => new JsonObject
    {
        ["left-on"] = answer.IsLeft ? new JsonArray(answer.Node) : new JsonArray(),
    };
}
