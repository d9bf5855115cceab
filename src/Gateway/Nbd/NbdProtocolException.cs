namespace Replication.Gateway.Nbd;

/// <summary>
/// The client broke the protocol in a way that leaves nothing but to close; the message is for the log.
/// </summary>
internal sealed class NbdProtocolException(string message) : Exception(message);
