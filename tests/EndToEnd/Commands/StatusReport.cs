using System.Text.Json;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Commands;

/// <summary>What `status --json` prints, as far as these tests look into it.</summary>
internal sealed class StatusReport
{
    private readonly JsonElement _root;

    private StatusReport(JsonElement root) => _root = root;

    public static StatusReport Of(DemoProcess demo)
    {
        using var document = JsonDocument.Parse(demo.Command("status", "--json").Succeeded().Output);
        return new StatusReport(document.RootElement.Clone());
    }

    /// <summary>The recorded state of a child, by its node-name, in lower case.</summary>
    public string ChildState(string nodeName) =>
        Objects(_root)
            .First(item => item.TryGetProperty("node-name", out var name) && name.GetString() == nodeName)
            .GetProperty("state").GetString()!.ToLowerInvariant();

    private static IEnumerable<JsonElement> Objects(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object =>
            [element, .. element.EnumerateObject().SelectMany(property => Objects(property.Value))],
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Objects),
        _ => [],
    };
}
