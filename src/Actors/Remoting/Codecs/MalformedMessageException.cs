namespace Replication.Actors.Remoting.Codecs;

/// <summary>
/// Bytes from a peer are not what they claim to be. The only exception that reading a message throws; the
/// connection that they came by is closed with its message as the reason.
/// </summary>
public sealed class MalformedMessageException(string message, Exception? cause = null)
    : Exception(message, cause);
