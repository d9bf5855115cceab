using System.Text.Json.Nodes;
using Replication.Coordinator.Entry;
using Replication.Gateway.Qmp.Blocks;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>volume-delete</c>: closes a volume, forgets it, and moves its replicas to their nodes' trash; says
/// which nodes could not be told, and whether it is there again after the next start. Its exports go with it.
/// </summary>
/// <param name="gateway">Answers DeleteVolume.</param>
/// <param name="graph">Knows the exports that there are.</param>
/// <param name="configured">Names of the volumes that a start makes where they are not there.</param>
public sealed class VolumeDeleteCommand(
    GatewayCalls gateway, BlockGraph graph, IReadOnlyCollection<string> configured) : IQmpCommand
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

        // Where the gateway cannot say what there is, the deletion itself may still go well.
        (BlockView? view, _) = await graph.ViewAsync();
        string[] exports = [.. view?.FindVolume(name)?.Exports.Select(static export => export.Id) ?? []];
        return await gateway.RunAsync<VolumeDeleted>(
            new DeleteVolume(name),
            deleted => QmpResult.Return(new JsonObject
            {
                ["left-on"] = new JsonArray([.. deleted.LeftOn.Select(static node => node)]),
                ["configured"] = configured.Contains(name, StringComparer.Ordinal),
            }).WithRemovedExports(exports));
    }
}
