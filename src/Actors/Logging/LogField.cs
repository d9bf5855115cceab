namespace Replication.Actors.Logging;

/// <summary>Something that an entry is about, for whoever searches the log for it.</summary>
/// <param name="Name">A short word in lower case.</param>
/// <param name="Value">Any text.</param>
public readonly record struct LogField(string Name, string Value);
