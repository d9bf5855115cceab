namespace Replication.Gateway.Listening;

/// <summary>An address cannot be listened on; the message says why, for the person who wrote it.</summary>
public sealed class ListenException(string message) : Exception(message);
