namespace Replication.Actors.Remoting.Transports;

/// <summary>What became of a send.</summary>
public enum SendResult
{
    /// <summary>Everything has been taken; the memory is free again.</summary>
    Done,

    /// <summary>Under way: OnSent follows, and the memory belongs to the transport until then.</summary>
    Pending,

    /// <summary>The connection has ended; nothing more will be taken.</summary>
    Closed,
}

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
    /// Ends the connection; what was sent before still goes out where the network lets it. OnClosed follows if it
    /// was started. May be called more than once, from any thread.
    /// </summary>
    void Close();
}

/// <summary>
/// Who owns a connection's bytes. OnReceived, and OnClosed as the last call of all, never overlap; OnSent may come
/// beside them.
/// </summary>
public interface IConnectionHandler
{
    /// <summary>Where the next bytes go; asked before each receive, never empty.</summary>
    Memory<byte> ReceiveMemory { get; }

    /// <summary>Bytes have come into <see cref="ReceiveMemory"/>. False ends the connection.</summary>
    bool OnReceived(int countBytes);

    /// <summary>A pending send is over; <paramref name="ok"/> is false when the connection broke meanwhile.</summary>
    void OnSent(bool ok);

    /// <summary>The connection has ended, in order or not. Called once.</summary>
    void OnClosed(string reason);
}
