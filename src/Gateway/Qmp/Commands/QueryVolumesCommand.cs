using System.Text.Json.Nodes;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// <c>query-volumes</c>: every volume, or the one that is named, with its condition, its children and
/// what they have done.
/// </summary>
/// <param name="gateway">Answers QueryVolumes.</param>
public sealed class QueryVolumesCommand(GatewayCalls gateway) : IQmpCommand
{
    /// <inheritdoc/>
    public string Name => "query-volumes";

    /// <inheritdoc/>
    public async ValueTask<QmpResult> ExecuteAsync(QmpArguments arguments, CancellationToken cancellation)
    {
        string? name = arguments.OptionalString("name");
        if (arguments.Fails(out QmpResult? failure))
        {
            return failure;
        }

        return await gateway.RunAsync<VolumeList>(new QueryVolumes(), list => Describe(list, name));
    }

    private static QmpResult Describe(VolumeList list, string? name)
    {
        VolumeStatus[] volumes = [.. list.Volumes.Where(volume => name is null || volume.Name == name)];
        return name is not null && volumes.Length == 0
            ? QmpResult.Fail($"there is no volume '{name}'")
            : QmpResult.Return(new JsonArray([.. volumes.Select(VolumeJson.Describe)]));
    }
}
