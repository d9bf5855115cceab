namespace Replication.Host.Commands;

/// <summary>
/// A command cannot go on, for a reason that the message says in a sentence for the person who typed it.
/// </summary>
public sealed class CommandFailedException(string sentence) : Exception(sentence);
