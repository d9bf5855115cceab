namespace Replication.Actors.Remoting.Transports;

/// <summary>
/// The seam for the network: ordered, reliable connections of bytes between addresses such as
/// <c>tcp:HOST:PORT</c> or <c>unix:/path</c>. Everything ends in callbacks, on threads of the transport's
/// own, that must not block.
/// </summary>
public interface ITransport
{
    /// <summary>Binds and accepts from now on.</summary>
    /// <param name="address">Where; port 0 takes any free one.</param>
    /// <param name="accepted">Gets each connection, which then belongs to it and waits for its Start.</param>
    /// <exception cref="IOException">The address cannot be bound; the message names it and says
    /// why.</exception>
    IListener Listen(string address, Action<IConnection> accepted);

    /// <summary>Connects; <paramref name="done"/> is called once, possibly before this returns.</summary>
    void Connect(string address, Action<ConnectResult> done);
}
