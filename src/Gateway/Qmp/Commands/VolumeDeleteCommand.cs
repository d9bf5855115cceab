using System.Text.Json.Nodes;
using Replication.Actors;
using Replication.Coordinator.Entry;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>volume-delete</c>: closes a volume, forgets it, and moves its replicas to their nodes' trash; says
/// which nodes could not be told.
/// </summary>
/// <param name="gateway">Answers DeleteVolume.</param>
public sealed class VolumeDeleteCommand(IActorRef gateway) : GatewayCommand<VolumeDeleted>(gateway)
{
    /// <inheritdoc/>
    public override string Name => "volume-delete";

    /// <inheritdoc/>
    protected override object Request(QmpArguments arguments) => new DeleteVolume(arguments.String("name"));

    /// <inheritdoc/>
    protected override JsonNode Describe(VolumeDeleted answer) => new JsonObject
    {
        ["left-on"] = new JsonArray([.. answer.LeftOn.Select(static node => node)]),
    };
}
