using System.Reflection;
using System.Text.Json.Nodes;

namespace Replication.Gateway.Qmp;

/// <summary>What the greeting and <c>query-version</c> say.</summary>
internal static class QmpVersion
{
    /// <summary>
    /// The version of QEMU whose interface this server follows, which tools decide by; the package names
    /// ours.
    /// </summary>
    public static JsonObject Describe() => new()
    {
        ["qemu"] = new JsonObject { ["micro"] = 0, ["minor"] = 2, ["major"] = 7 },
        ["package"] = $"Replication {Own}",
    };

    /// <summary>Ours, as MAJOR.MINOR.PATCH.</summary>
    public static string Own =>
        typeof(QmpVersion).Assembly.GetName().Version?.ToString(fieldCount: 3) ?? "of unknown version";
}
