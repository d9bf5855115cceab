using Replication.Actors.Remoting.Transports;

namespace Replication.TestKit.Simulation;

/// <summary>A simulated network as one node sees it.</summary>
internal sealed class SimulatedTransport(SimulatedNetwork network, SimulatedNode node) : ITransport
{
    public IListener Listen(string address, Action<IConnection> accepted) =>
        network.Listen(node, address, accepted);

    public void Connect(string address, Action<ConnectResult> done) => network.Connect(node, address, done);
}

/// <summary>An address of a simulated network.</summary>
internal sealed class SimulatedListener(
    SimulatedNetwork network, SimulatedNode node, string address, Action<IConnection> accepted) : IListener
{
    private bool _disposed;

    public string LocalAddress { get; } = address;

    internal SimulatedNode Node { get; } = node;

    public void Dispose()
    {
        _disposed = true;
        network.Remove(this);
    }

    internal void Accept(SimulatedConnection connection)
    {
        if (_disposed)
        {
            connection.Close();
        }
        else
        {
            accepted(connection);
        }
    }
}
