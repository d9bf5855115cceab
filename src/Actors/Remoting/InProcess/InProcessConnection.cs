using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Remoting.InProcess;

/// <summary>
/// One end of a pair. A send is received before it returns: its bytes go from the sender's segments straight
/// into the receiver's memory. Only what is sent before the receiver was started waits for that; who sends
/// has been started itself.
/// </summary>
internal sealed class InProcessConnection : IConnection
{
    private readonly Lock _gate = new();
    private InProcessConnection _peer = null!;
    private IConnectionHandler? _handler;
    private IList<ArraySegment<byte>>? _sentBeforeStart;
    private bool _isReceiving;
    private bool _isToldOfEnd;
    private volatile string? _endedBecause;

    private InProcessConnection(string remoteAddress) => RemoteAddress = remoteAddress;

    public string RemoteAddress { get; }

    /// <summary>Two ends: of who connects to an address, and of who listens there.</summary>
    internal static (InProcessConnection Here, InProcessConnection There) Pair(string address)
    {
        InProcessConnection here = new(address);
        InProcessConnection there = new("this process") { _peer = here };
        here._peer = there;
        return (here, there);
    }

    public void Start(IConnectionHandler handler)
    {
        IList<ArraySegment<byte>>? waiting;
        lock (_gate)
        {
            _handler = handler;
            waiting = _sentBeforeStart;
            _sentBeforeStart = null;
            _isReceiving = waiting is not null;
        }

        if (waiting is null)
        {
            TellOfEnd();
            return;
        }

        bool ok = ReceiveAndRest(waiting);
        _peer._handler!.OnSent(ok);
    }

    public SendResult Send(IList<ArraySegment<byte>> segments) =>
        _endedBecause is null ? _peer.Take(segments) : SendResult.Closed;

    public void Close()
    {
        End("closed");
        _peer.End("the other side closed the connection");
    }

    private SendResult Take(IList<ArraySegment<byte>> segments)
    {
        lock (_gate)
        {
            if (_endedBecause is not null)
            {
                return SendResult.Closed;
            }

            if (_handler is null)
            {
                _sentBeforeStart = segments;
                return SendResult.Pending;
            }

            _isReceiving = true;
        }

        return ReceiveAndRest(segments) ? SendResult.Done : SendResult.Closed;
    }

    /// <summary>
    /// Hands the bytes to the handler. An end that came meanwhile, by whichever thread, is told when this is
    /// over, so that it is the handler's last call.
    /// </summary>
    private bool ReceiveAndRest(IList<ArraySegment<byte>> segments)
    {
        if (!Receive(segments))
        {
            Close();
        }

        lock (_gate)
        {
            _isReceiving = false;
        }

        TellOfEnd();
        return _endedBecause is null;
    }

    private bool Receive(IList<ArraySegment<byte>> segments)
    {
        for (int index = 0; index < segments.Count; index++)
        {
            ReadOnlySpan<byte> rest = segments[index];
            while (!rest.IsEmpty)
            {
                if (_endedBecause is not null)
                {
                    return true;
                }

                Memory<byte> into = _handler!.ReceiveMemory;
                int countBytes = Math.Min(rest.Length, into.Length);
                rest[..countBytes].CopyTo(into.Span);
                rest = rest[countBytes..];
                if (!_handler.OnReceived(countBytes))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private void End(string reason)
    {
        bool senderWaits;
        lock (_gate)
        {
            _endedBecause ??= reason;
            senderWaits = _sentBeforeStart is not null;
            _sentBeforeStart = null;
        }

        if (senderWaits)
        {
            _peer._handler!.OnSent(ok: false);
        }

        TellOfEnd();
    }

    private void TellOfEnd()
    {
        lock (_gate)
        {
            if (_endedBecause is null || _handler is null || _isReceiving || _isToldOfEnd)
            {
                return;
            }

            _isToldOfEnd = true;
        }

        _handler.OnClosed(_endedBecause);
    }
}
