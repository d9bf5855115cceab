using System.Text.Json;
using Replication.Gateway.Listening;
using Replication.Gateway.Qmp.Client;
using Replication.Host.Output;

namespace Replication.Host.Commands.Completion;

/// <summary>
/// Names for a person who is typing: asked of the service if it answers at once, else there are none.
/// </summary>
/// <param name="service">Where it is; null: nowhere.</param>
/// <param name="cancellation">Stops asking.</param>
internal sealed class ServiceNames(ListenAddress? service, CancellationToken cancellation)
{
    /// <summary>How long a person waits for the tabulator key.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>All volumes.</summary>
    public async Task<IReadOnlyList<string>> VolumesAsync() =>
        NamesIn(await AskAsync("query-volumes"));

    /// <summary>The storage nodes.</summary>
    public async Task<IReadOnlyList<string>> NodesAsync() =>
        await AskAsync("query-cluster") is { } cluster
            && cluster.TryGetProperty("nodes", out JsonElement nodes)
            ? NamesIn(nodes)
            : [];

    /// <summary>The storage nodes that have no child of a volume.</summary>
    public async Task<IReadOnlyList<string>> FreeNodesAsync(string volume) =>
        [.. (await NodesAsync()).Except(NamesIn(await ChildrenOfAsync(volume), "node"))];

    /// <summary>The children of a volume.</summary>
    public async Task<IReadOnlyList<string>> ChildrenAsync(string volume) =>
        NamesIn(await ChildrenOfAsync(volume));

    private async Task<JsonElement?> ChildrenOfAsync(string volume)
    {
        JsonElement? volumes = await AskAsync("query-volumes");
        foreach (JsonElement found in volumes?.EnumerateArray() ?? default)
        {
            if (JsonMembers.Text(found, "name", otherwise: "") == volume)
            {
                return found.GetProperty("children");
            }
        }

        return null;
    }

    private static List<string> NamesIn(JsonElement? list, string member = "name") =>
    [
        .. (list?.EnumerateArray() ?? default)
            .Select(item => JsonMembers.Text(item, member, otherwise: ""))
            .Where(static name => name.Length > 0),
    ];

    private async Task<JsonElement?> AskAsync(string command)
    {
        if (service is null)
        {
            return null;
        }

        using CancellationTokenSource limit =
            CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            using QmpClient client = await QmpClient.ConnectAsync(service, limit.Token);
            return await client.ExecuteAsync(command, arguments: null, limit.Token);
        }
        catch (Exception silent) when (silent is QmpClientException or OperationCanceledException)
        {
            // A shell has no place for a sentence while somebody types: no service, no names.
            return null;
        }
    }
}
