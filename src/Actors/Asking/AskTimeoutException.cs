namespace Replication.Actors.Asking;

/// <summary>No answer came in time: what became of the request is unknown.</summary>
public sealed class AskTimeoutException(string message) : Exception(message);
