namespace Replication.Gateway.Qmp.Client;

/// <summary>
/// The server could not be reached, is none, or answered with an error; the message is for people.
/// </summary>
public sealed class QmpClientException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The error that the server answered with; null when there was no answer.</summary>
    public QmpError? Error { get; init; }
}
