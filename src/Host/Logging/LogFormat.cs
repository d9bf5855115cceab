namespace Replication.Host.Logging;

/// <summary>How entries of a log are written.</summary>
internal enum LogFormat
{
    /// <summary>For people: time, level, node, source, sentence, and in braces what it is about.</summary>
    Text,

    /// <summary>For programs: one JSON object a line.</summary>
    Json,
}
