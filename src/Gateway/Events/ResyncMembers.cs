using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Events;

/// <summary>
/// How far a resync is, by the names that events and <c>query-volumes</c> have for it (docs/qmp.md).
/// </summary>
internal static class ResyncMembers
{
    /// <summary>The members in their order; <c>seconds-left</c> only where it is known.</summary>
    public static IEnumerable<(string Name, long Value)> Of(ResyncProgress progress)
    {
        yield return ("done-bytes", progress.DoneBytes);
        yield return ("to-do-bytes", progress.ToDoBytes);
        yield return ("copied-bytes", progress.CopiedBytes);
        yield return ("bytes-per-second", progress.BytesPerSecond);
        if (progress.SecondsLeft is { } left)
        {
            yield return ("seconds-left", left);
        }
    }
}
