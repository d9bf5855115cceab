using System.Text.Json;
using Replication.Gateway.Qmp.Client;
using Replication.Host.Output;

namespace Replication.Host.Commands.Volumes;

/// <summary>Says whom the making of a volume waits for, to a person who waits too.</summary>
internal static class CreationHint
{
    /// <summary>How long a person waits without asking why.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Ends when the volume is made or refused, or the hint is written; never throws for what the
    /// hint needs.</summary>
    /// <param name="call">Its connection is taken until the volume is made: the hint has one of its own.
    /// </param>
    /// <param name="creating">Stays the caller's.</param>
    /// <param name="children">The nodes that get a replica; null or none: all of them.</param>
    public static async Task WriteIfSlowAsync(ServiceCall call, Task creating, string[]? children)
    {
        await Task.WhenAny(creating, Task.Delay(Patience, call.Cancellation));
        if (creating.IsCompleted || call.Cancellation.IsCancellationRequested)
        {
            return;
        }

        string hint;
        try
        {
            using QmpClient client = await QmpClient.ConnectAsync(call.Service, call.Cancellation);
            JsonElement cluster = await client.ExecuteAsync(
                "query-cluster", arguments: null, call.Cancellation);
            hint = Words(cluster, children);
        }
        catch (Exception unknown) when (unknown is QmpClientException or OperationCanceledException)
        {
            // What becomes of the creation says it better.
            return;
        }

        if (!creating.IsCompleted)
        {
            call.Output.Fail(hint);
        }
    }

    /// <summary>A node that has no replica yet has not been talked to: its link is unknown.</summary>
    private static string Words(JsonElement cluster, string[]? children)
    {
        ILookup<string, string> byLink = cluster.GetProperty("nodes").EnumerateArray()
            .Where(node => children is not { Length: > 0 } || children.Contains(Text(node, "name")))
            .ToLookup(static node => Text(node, "link"), static node => Text(node, "name"));
        return byLink["down"].Any() ? $"waiting for {Join(byLink["down"])}, which cannot be reached"
            : byLink["unknown"].Any() ? $"waiting for an answer of {Join(byLink["unknown"])}"
            : "waiting for the nodes, all of which can be reached";
    }

    private static string Join(IEnumerable<string> nodes) => string.Join(", ", nodes);

    private static string Text(JsonElement node, string member) =>
        JsonMembers.Text(node, member, otherwise: "");
}
