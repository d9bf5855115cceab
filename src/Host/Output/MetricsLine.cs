using Replication.Gateway.Listening;

namespace Replication.Host.Output;

/// <summary>Where the numbers of a process are.</summary>
internal static class MetricsLine
{
    /// <summary>The line that a process prints of it.</summary>
    /// <param name="http">Where it serves HTTP.</param>
    public static string Of(ListenAddress http) => http.Path is null
        ? $"metrics http://{http}/metrics"
        : $"metrics {http} (curl --unix-socket {http.Path} http://localhost/metrics)";
}
