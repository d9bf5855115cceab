namespace Replication.Actors.Remoting.Transports;

/// <summary>
/// Who owns a connection's bytes. OnReceived, and OnClosed as the last call of all, never overlap; OnSent may
/// come beside them.
/// </summary>
public interface IConnectionHandler
{
    /// <summary>Where the next bytes go; asked before each receive, never empty.</summary>
    Memory<byte> ReceiveMemory { get; }

    /// <summary>Bytes have come into <see cref="ReceiveMemory"/>. False ends the connection.</summary>
    bool OnReceived(int countBytes);

    /// <summary>
    /// A pending send is over; <paramref name="ok"/> is false when the connection broke meanwhile.
    /// </summary>
    void OnSent(bool ok);

    /// <summary>The connection has ended, in order or not. Called once.</summary>
    void OnClosed(string reason);
}
