using System.Net.Sockets;
using Replication.Actors.Remoting.Transports;
using Replication.Actors.Threading;

namespace Replication.Actors.Remoting.Sockets;

/// <summary>
/// One socket. The receive loop goes on while receives complete at once, on whichever thread completed the
/// last, but leaves it after some: it may be the only one that polls sockets, and a peer that never pauses
/// would keep it from all others. The socket's end is found by that loop alone, so that OnClosed is the last
/// of its calls.
/// </summary>
#pragma warning disable CA1001 // The arguments may be in flight when the socket ends.
internal sealed class SocketConnection : IConnection, IThreadPoolWorkItem
#pragma warning restore CA1001
{
    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _receive = new(unsafeSuppressExecutionContextFlow: true);
    private readonly SocketAsyncEventArgs _send = new(unsafeSuppressExecutionContextFlow: true);
    private IConnectionHandler? _handler;
    private readonly bool _isTcp;
    private int _waitBytes = 1;
    private int _closed;

    internal SocketConnection(Socket socket, string remoteAddress)
    {
        _socket = socket;
        _isTcp = socket.ProtocolType == ProtocolType.Tcp;
        RemoteAddress = remoteAddress;
        _receive.Completed += (_, _) => ReceiveLoop(completed: true);
        _send.Completed += (_, _) => SendCompleted();
    }

    public string RemoteAddress { get; }

    public void Start(IConnectionHandler handler)
    {
        _handler = handler;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute() => ReceiveLoop(completed: false);

    public SendResult Send(IList<ArraySegment<byte>> segments)
    {
        try
        {
            if (segments.Count == 1)
            {
                _send.BufferList = null;
                _send.SetBuffer(segments[0]);
            }
            else
            {
                _send.SetBuffer(null, 0, 0);
                _send.BufferList = segments;
            }

            if (_socket.SendAsync(_send))
            {
                return SendResult.Pending;
            }
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile; the receive loop says so to the owner.
            return SendResult.Closed;
        }

        if (_send.SocketError == SocketError.Success)
        {
            return SendResult.Done;
        }

        Close();
        return SendResult.Closed;
    }

    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other side was quicker.
        }

        _socket.Dispose();
    }

    private void SendCompleted()
    {
        bool ok = _send.SocketError == SocketError.Success;
        if (!ok)
        {
            Close();
        }

        using Turn turn = Turn.Begin();
        _handler!.OnSent(ok);
    }

    private void ReceiveLoop(bool completed)
    {
        int left = RemotingLimits.ReceivesAtOnceMax;
        while (true)
        {
            if (completed && !TakeReceived(out string reason))
            {
                End(reason);
                return;
            }

            if (completed && --left == 0)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }

            try
            {
                Memory<byte> memory = _handler!.ReceiveMemory;
                AskToWaitFor(memory.Length);
                _receive.SetBuffer(memory);
                completed = !_socket.ReceiveAsync(_receive);
            }
            catch (ObjectDisposedException)
            {
                End("closed");
                return;
            }

            if (!completed)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Of a long payload, whose bytes are sure to come, some are waited for: a receiver that is woken for the
    /// first of them fights for the socket with whoever sends the others.
    /// </summary>
    private void AskToWaitFor(int expectedBytes)
    {
        int waitBytes = expectedBytes > RemotingLimits.ReceiveBufferBytes
            ? Math.Min(expectedBytes, RemotingLimits.ReceiveWaitMaxBytes)
            : 1;
        if (!_isTcp || waitBytes == _waitBytes)
        {
            return;
        }

        try
        {
            _socket.SetSocketOption(
                SocketOptionLevel.Socket, SocketOptionName.ReceiveLowWater, waitBytes);
            _waitBytes = waitBytes;
        }
        catch (SocketException)
        {
            // The socket has ended: the receive that follows finds out why.
        }
    }

    private bool TakeReceived(out string reason)
    {
        if (_receive.SocketError != SocketError.Success)
        {
            reason = new SocketException((int)_receive.SocketError).Message;
            return false;
        }

        if (_receive.BytesTransferred == 0)
        {
            reason = "the other side closed the connection";
            return false;
        }

        reason = "closed";
        using Turn turn = Turn.Begin();
        return _handler!.OnReceived(_receive.BytesTransferred);
    }

    private void End(string reason)
    {
        Close();
        _handler!.OnClosed(reason);
    }
}
