using System.Text.Json.Nodes;
using Replication.Actors;
using Replication.Coordinator.Entry;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>query-volumes</c>: every volume with its condition, its children and what they have done.
/// </summary>
/// <param name="gateway">Answers QueryVolumes.</param>
public sealed class QueryVolumesCommand(IActorRef gateway) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "query-volumes";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        object answer = await GatewayCalls.AskAsync(gateway, new QueryVolumes());
        return answer switch
        {
            VolumeList list => QmpResult.Return(new JsonArray([.. list.Volumes.Select(VolumeJson.Describe)])),
            QmpError error => QmpResult.Fail(error),
            _ => throw new InvalidOperationException($"QueryVolumes was answered by {answer.GetType().Name}"),
        };
    }
}
