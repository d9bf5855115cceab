using System.Text.Json;

namespace Replication.Host.Output;

/// <summary>Nodes that could not be told to move the files of a replica to their trash.</summary>
internal static class UntoldNodes
{
    /// <summary>A sentence for each node that <c>volume-delete</c> or <c>child-remove</c> returned.</summary>
    public static string[] Sentences(JsonElement removed) =>
        removed.TryGetProperty("left-on", out JsonElement nodes)
            ?
            [
                .. nodes.EnumerateArray().Select(static node =>
                    $"{node} could not be told: its files stay there until the gateway is started again."),
            ]
            : [];
}
