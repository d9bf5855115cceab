namespace Replication.Actors.Remoting.Codecs;

/// <summary>Which of a peer's two connections a message takes.</summary>
public enum MessageChannel
{
    /// <summary>The connection of requests and their payloads; the default.</summary>
    Data,

    /// <summary>The connection that never waits behind bulk data.</summary>
    Control,
}
