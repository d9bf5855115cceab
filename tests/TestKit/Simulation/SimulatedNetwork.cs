using Replication.Actors.Remoting.Transports;

namespace Replication.TestKit.Simulation;

/// <summary>
/// The seeded half of the seam for the network. Each node of a world gets its transport by <see cref="For"/>;
/// bytes of the real codecs cross with delays that differ between pairs and directions, whole or in pieces,
/// in order within a connection. What a test does to it: cuts (one way or both), breaks, and the chance of
/// breaks.
/// </summary>
public sealed class SimulatedNetwork
{
    private const int FirstFreePort = 10_000;

    private readonly SimulatedWorld _world;
    private readonly SeededIdSource _random;
    private readonly OrderedDictionary<string, SimulatedListener> _listeners = [];
    private readonly List<SimulatedConnection> _connections = [];
    private readonly HashSet<(string From, string To)> _cuts = [];
    private int _lastPort = FirstFreePort;

    /// <summary>A network for one world; a second one of the same world has the same randomness.</summary>
    public SimulatedNetwork(SimulatedWorld world)
    {
        _world = world;
        _random = world.Random("network");
    }

    /// <summary>Least time that bytes take one way.</summary>
    public TimeSpan DelayMin { get; set; } = TimeSpan.FromMicroseconds(50);

    /// <summary>Most time that bytes take one way, unless they wait behind earlier ones.</summary>
    public TimeSpan DelayMax { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Chance that a connection breaks instead of delivering what was sent at once.</summary>
    public double BreakChance { get; set; }

    /// <summary>Bytes that a connection takes in one direction before its sender has to wait.</summary>
    public int WindowBytes { get; set; } = 256 * 1024;

    /// <summary>Connections that are open at one end at least.</summary>
    public int ConnectionCount => _connections.Count / 2;

    /// <summary>
    /// The transport of one life of a node: what it listens on and its connections end with it.
    /// </summary>
    public ITransport For(SimulatedNode node) => new SimulatedTransport(this, node);

    /// <summary>
    /// Nothing gets from one node to the other until <see cref="Heal"/>; the way back stays open.
    /// </summary>
    public void CutOneWay(string from, string to)
    {
        if (_cuts.Add((from, to)))
        {
            _world.Trace.Mark(from, $"cut off from {to}");
        }
    }

    /// <summary>Nothing gets from either node to the other until <see cref="Heal"/>.</summary>
    public void Cut(string one, string other)
    {
        CutOneWay(one, other);
        CutOneWay(other, one);
    }

    /// <summary>Both ways are open again: what waited arrives, where the connection still lives.</summary>
    public void Heal(string one, string other)
    {
        _cuts.Remove((one, other));
        _cuts.Remove((other, one));
        _world.Trace.Mark(one, $"reaches {other} again");
        foreach (SimulatedConnection connection in _connections.ToArray())
        {
            connection.Outgoing.Wake();
        }
    }

    /// <summary>Resets every connection between two nodes; what was on its way is lost.</summary>
    public void Break(string one, string other)
    {
        foreach (SimulatedConnection connection in _connections.ToArray())
        {
            if (connection.IsBetween(one, other))
            {
                connection.Outgoing.Break();
            }
        }
    }

    /// <summary>
    /// What crashed lives of a node had on its way is lost for good, the news of their end too: a power loss.
    /// </summary>
    public void Forget(string node)
    {
        foreach (SimulatedConnection connection in _connections.ToArray())
        {
            if (connection.Peer.Node.Name == node && connection.Peer.Node.IsCrashed)
            {
                connection.Peer.Outgoing.Drop();
            }
        }
    }

    /// <summary>True while bytes from one node do not get to the other.</summary>
    internal bool IsCut(string from, string to) => _cuts.Contains((from, to));

    internal TimeSpan NextDelay() => _random.NextSpan(DelayMin, DelayMax);

    internal bool NextBreaks() => _random.Chance(BreakChance);

    /// <summary>
    /// How many bytes of a delivery come in one piece: all of them three times out of four.
    /// </summary>
    internal int NextPiece(int countBytes) =>
        countBytes > 1 && _random.NextInt(4) == 0 ? 1 + _random.NextInt(countBytes) : countBytes;

    internal SimulatedListener Listen(SimulatedNode node, string address, Action<IConnection> accepted)
    {
        string bound = address.EndsWith(":0", StringComparison.Ordinal)
            ? $"{address[..^1]}{_lastPort++}"
            : address;
        if (_listeners.TryGetValue(bound, out SimulatedListener? taken) && !taken.Node.IsCrashed)
        {
            throw new IOException($"cannot listen on {bound}: Address already in use");
        }

        SimulatedListener listener = new(this, node, bound, accepted);
        _listeners[bound] = listener;
        return listener;
    }

    internal void Remove(SimulatedListener listener)
    {
        if (_listeners.TryGetValue(listener.LocalAddress, out SimulatedListener? current)
            && ReferenceEquals(current, listener))
        {
            _listeners.Remove(listener.LocalAddress);
        }
    }

    internal void Connect(SimulatedNode from, string address, Action<ConnectResult> done) =>
        from.Time.CreateTimer(_ => Arrive(from, address, done), null, NextDelay(), Timeout.InfiniteTimeSpan);

    internal void Forget(SimulatedConnection connection) => _connections.Remove(connection);

    /// <summary>A packet that is lost on either way leaves the connect without an answer.</summary>
    private void Arrive(SimulatedNode from, string address, Action<ConnectResult> done)
    {
        if (!_listeners.TryGetValue(address, out SimulatedListener? listener) || listener.Node.IsCrashed)
        {
            done(new ConnectResult(null, $"{address}: Connection refused"));
            return;
        }

        if (IsCut(from.Name, listener.Node.Name) || IsCut(listener.Node.Name, from.Name))
        {
            return;
        }

        SimulatedConnection near = new(this, from, address);
        SimulatedConnection far = new(this, listener.Node, $"sim:{from.Name}");
        near.PairWith(far);
        _connections.Add(near);
        _connections.Add(far);
        from.OnCrash(near.OnNodeCrashed);
        listener.Node.OnCrash(far.OnNodeCrashed);
        listener.Node.Time.CreateTimer(
            _ => listener.Accept(far), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        done(new ConnectResult(near, string.Empty));
    }
}
