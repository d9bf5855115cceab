using System.Text.Json;

namespace Replication.EndToEnd.Commands;

/// <summary>What `events --json` prints: one QMP event object a line.</summary>
internal static class EventLines
{
    public static IEnumerable<JsonElement> Parse(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.Clone();
        });
}
