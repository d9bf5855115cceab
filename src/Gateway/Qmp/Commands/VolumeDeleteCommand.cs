using System.Text.Json.Nodes;
using Replication.Actors;
using Replication.Coordinator.Entry;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>volume-delete</c>: closes a volume, forgets it, and moves its replicas to their nodes' trash; says
/// which nodes could not be told.
/// </summary>
/// <param name="gateway">Answers DeleteVolume.</param>
public sealed class VolumeDeleteCommand(IActorRef gateway) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "volume-delete";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        string name = arguments.String("name");
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        return await GatewayCalls.RunAsync<VolumeDeleted>(
            gateway,
            new DeleteVolume(name),
            static deleted => QmpResult.Return(new JsonObject
            {
                ["left-on"] = new JsonArray([.. deleted.LeftOn.Select(static node => node)]),
            }));
    }
}
