using Replication.Actors.Events;

namespace Replication.Actors.Logging;

/// <summary>
/// The log of one system: entries go to the event stream, where a writer or a test picks them up.
/// </summary>
public sealed class Log(EventStream events)
{
    /// <summary>For whoever follows one request or one connection.</summary>
    public void Debug(string source, string message)
    {
        if (events.HasSubscriber(typeof(LogEvent)))
        {
            events.Publish(new LogEvent(LogLevel.Debug, source, message));
        }
    }

    /// <summary>Something an operator may want to know.</summary>
    public void Info(string source, string message) =>
        events.Publish(new LogEvent(LogLevel.Info, source, message));

    /// <summary>Something is not as it should be, and the service goes on.</summary>
    public void Warning(string source, string message, Exception? cause = null) =>
        events.Publish(new LogEvent(LogLevel.Warning, source, message, cause));

    /// <summary>Something failed.</summary>
    public void Error(string source, string message, Exception? cause = null) =>
        events.Publish(new LogEvent(LogLevel.Error, source, message, cause));

    /// <summary>An entry whose level is known only when it is made.</summary>
    public void Write(LogLevel level, string source, string message)
    {
        if (level == LogLevel.Debug)
        {
            Debug(source, message);
            return;
        }

        events.Publish(new LogEvent(level, source, message));
    }
}
