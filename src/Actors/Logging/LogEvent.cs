namespace Replication.Actors.Logging;

/// <summary>
/// One entry of the log, published on the event stream; who writes it out subscribes to this type.
/// </summary>
/// <param name="Level">How loud it is.</param>
/// <param name="Source">The actor or part that speaks, such as <c>user/storage</c>.</param>
/// <param name="Message">One sentence: what happened, where, and what follows.</param>
/// <param name="Cause">The exception behind it, if one is.</param>
public sealed record LogEvent(LogLevel Level, string Source, string Message, Exception? Cause = null)
{
    /// <summary>What else the entry is about; empty for most.</summary>
    public IReadOnlyList<LogField> Fields { get; init; } = [];
}
