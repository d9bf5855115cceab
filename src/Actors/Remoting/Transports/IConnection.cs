namespace Replication.Actors.Remoting.Transports;

/// <summary>One connection: bytes in order both ways until either side closes it or it breaks.</summary>
public interface IConnection
{
    /// <summary>The other end, for the log.</summary>
    string RemoteAddress { get; }

    /// <summary>Begins to receive. To be called once.</summary>
    void Start(IConnectionHandler handler);

    /// <summary>Sends the segments in order, as a whole. One send at a time, from any thread.</summary>
    SendResult Send(IList<ArraySegment<byte>> segments);

    /// <summary>
    /// Ends the connection; what was sent before still goes out where the network lets it. OnClosed follows
    /// if it was started. May be called more than once, from any thread.
    /// </summary>
    void Close();
}
