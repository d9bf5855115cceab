using System.Text.Json;

namespace Replication.Host.Output;

/// <summary>Members of a service's answers, read leniently: a later service may leave some out.</summary>
internal static class JsonMembers
{
    /// <summary>The member as text; <paramref name="otherwise"/> when it is not there.</summary>
    public static string Text(JsonElement from, string name, string otherwise) =>
        from.TryGetProperty(name, out JsonElement value) ? $"{value}" : otherwise;

    /// <summary>The member as a whole number; 0 when it is none.</summary>
    public static long Number(JsonElement from, string name) =>
        from.TryGetProperty(name, out JsonElement value) && value.TryGetInt64(out long number) ? number : 0;
}
