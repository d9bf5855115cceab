namespace Replication.Actors.Logging;

/// <summary>How loud an entry is.</summary>
public enum LogLevel
{
    Debug,
    Info,
    Warning,
    Error,
}
