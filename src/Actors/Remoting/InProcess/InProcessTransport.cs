using System.Collections.Concurrent;
using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Remoting.InProcess;

/// <summary>
/// Connects systems of one process without a socket between them: what one sends is copied once, into where
/// the other receives, on the sender's thread. Everybody else is reached by the transport around which it
/// lies, and reaches by that whoever listens here. Systems that shall find each other share one of these. Any
/// thread.
/// </summary>
public sealed class InProcessTransport(ITransport others) : ITransport
{
    private readonly ConcurrentDictionary<string, Action<IConnection>> _listening =
        new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IListener Listen(string address, Action<IConnection> accepted)
    {
        IListener outside = others.Listen(address, accepted);
        _listening[outside.LocalAddress] = accepted;
        return new Listener(this, outside);
    }

    /// <summary>
    /// To whoever listens at that address in this process; else as the other transport does it.
    /// </summary>
    public void Connect(string address, Action<ConnectResult> done)
    {
        if (!_listening.TryGetValue(address, out Action<IConnection>? accepted))
        {
            others.Connect(address, done);
            return;
        }

        (InProcessConnection here, InProcessConnection there) = InProcessConnection.Pair(address);
        accepted(there);
        done(new ConnectResult(here, string.Empty));
    }

    private sealed class Listener(InProcessTransport transport, IListener outside) : IListener
    {
        public string LocalAddress => outside.LocalAddress;

        public void Dispose()
        {
            transport._listening.TryRemove(outside.LocalAddress, out _);
            outside.Dispose();
        }
    }
}
