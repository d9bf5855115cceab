using Replication.Actors;
using Replication.Actors.Events;
using Replication.Actors.Logging;

namespace Replication.TestKit;

/// <summary>
/// Expectations on what a system publishes: log entries by level and text, dead letters, unhandled.
/// </summary>
public sealed class EventFilterFactory(TestKitBase kit)
{
    /// <summary>Log entries of level Error that contain the text.</summary>
    public EventFilter Error(string contains = "", ActorSystem? system = null) =>
        Log(LogLevel.Error, contains, system);

    /// <summary>Log entries of level Warning that contain the text.</summary>
    public EventFilter Warning(string contains = "", ActorSystem? system = null) =>
        Log(LogLevel.Warning, contains, system);

    /// <summary>Log entries of level Info that contain the text.</summary>
    public EventFilter Info(string contains = "", ActorSystem? system = null) =>
        Log(LogLevel.Info, contains, system);

    /// <summary>Dead letters whose message is a <typeparamref name="T"/>.</summary>
    public EventFilter DeadLetter<T>(Predicate<T>? fits = null, ActorSystem? system = null) => new(
        kit,
        system ?? kit.Sys,
        typeof(DeadLetter),
        published => published is DeadLetter { Message: T message } && fits?.Invoke(message) != false,
        $"a dead letter with a {typeof(T).Name}");

    /// <summary>Messages of type <typeparamref name="T"/> that their target had no case for.</summary>
    public EventFilter Unhandled<T>(ActorSystem? system = null) => new(
        kit,
        system ?? kit.Sys,
        typeof(UnhandledMessage),
        static published => published is UnhandledMessage { Message: T },
        $"an unhandled {typeof(T).Name}");

    /// <summary>Anything published of type <typeparamref name="T"/> that fits.</summary>
    public EventFilter Event<T>(Predicate<T>? fits = null, ActorSystem? system = null) => new(
        kit,
        system ?? kit.Sys,
        typeof(T),
        published => published is T message && fits?.Invoke(message) != false,
        $"a {typeof(T).Name}");

    private EventFilter Log(LogLevel level, string contains, ActorSystem? system) => new(
        kit,
        system ?? kit.Sys,
        typeof(LogEvent),
        published => published is LogEvent entry && entry.Level == level
            && entry.Message.Contains(contains, StringComparison.Ordinal),
        $"a log entry of level {level} with '{contains}'");
}
