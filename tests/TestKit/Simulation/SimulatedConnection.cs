using Replication.Actors.Remoting.Transports;

namespace Replication.TestKit.Simulation;

/// <summary>
/// One end of a simulated connection. Everything it tells its handler happens on its own node's time: not in
/// a pause, and never after a crash.
/// </summary>
internal sealed class SimulatedConnection : IConnection
{
    private readonly SimulatedNetwork _network;
    private IConnectionHandler? _handler;
    private bool _closedHere;
    private bool _ended;

    internal SimulatedConnection(SimulatedNetwork network, SimulatedNode node, string remoteAddress)
    {
        _network = network;
        Node = node;
        RemoteAddress = remoteAddress;
        Outgoing = new SimulatedPipe(network, this);
    }

    public string RemoteAddress { get; }

    internal SimulatedNode Node { get; }

    /// <summary>What is on its way to the other end.</summary>
    internal SimulatedPipe Outgoing { get; }

    internal SimulatedConnection Peer { get; private set; } = null!;

    internal bool IsStarted => _handler is not null;

    public void Start(IConnectionHandler handler)
    {
        _handler = handler;
        if (_closedHere)
        {
            EndLater("closed");
        }

        Peer.Outgoing.Wake();
    }

    public SendResult Send(IList<ArraySegment<byte>> segments) =>
        _closedHere || _ended ? SendResult.Closed : Outgoing.Send(segments);

    public void Close()
    {
        if (_closedHere || _ended)
        {
            return;
        }

        _closedHere = true;
        Outgoing.SendEnd("the other side closed the connection");
        EndLater("closed");
    }

    internal void PairWith(SimulatedConnection peer)
    {
        Peer = peer;
        peer.Peer = this;
    }

    internal bool IsBetween(string one, string other) =>
        (Node.Name == one && Peer.Node.Name == other) || (Node.Name == other && Peer.Node.Name == one);

    internal void OnNodeCrashed()
    {
        if (!_ended)
        {
            _ended = true;
            _network.Forget(this);
            Outgoing.SendEnd("Connection reset by peer");
        }
    }

    internal void Deliver(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0 && !_ended && !_closedHere)
        {
            Memory<byte> into = _handler!.ReceiveMemory;
            int countBytes = _network.NextPiece(Math.Min(bytes.Length, into.Length));
            bytes[..countBytes].CopyTo(into.Span);
            bytes = bytes[countBytes..];
            if (!_handler.OnReceived(countBytes))
            {
                Close();
            }
        }
    }

    internal void SendDone(bool ok) => _handler?.OnSent(ok);

    /// <summary>The connection is over at this end, for whatever reason comes first.</summary>
    internal void End(string reason)
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        _network.Forget(this);
        Outgoing.Abandon();
        _handler?.OnClosed(reason);
    }

    internal void EndLater(string reason)
    {
        if (IsStarted)
        {
            Node.Time.CreateTimer(_ => End(reason), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
