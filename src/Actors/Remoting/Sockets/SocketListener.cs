using System.Net;
using System.Net.Sockets;
using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Remoting.Sockets;

/// <summary>A bound socket that accepts until it is disposed.</summary>
internal sealed class SocketListener : IListener
{
    private const int BacklogMax = 128;

    private readonly Socket _socket;
    private readonly Action<IConnection> _accepted;
    private readonly SocketAsyncEventArgs _arguments = new(true);
    private readonly string? _path;
    private volatile bool _disposed;

    internal SocketListener(EndPoint endPoint, string address, Action<IConnection> accepted)
    {
        _accepted = accepted;
        _path = (endPoint as UnixDomainSocketEndPoint)?.ToString();
        _socket = SocketEndPoints.CreateSocket(endPoint);
        try
        {
            if (_path is not null)
            {
                RemoveStale(_path);
            }

            _socket.Bind(endPoint);
            _socket.Listen(BacklogMax);
        }
        catch (SocketException cause)
        {
            _socket.Dispose();
            throw new IOException($"cannot listen on {address}: {cause.Message}", cause);
        }

        LocalAddress = _path is null ? SocketEndPoints.Text(_socket.LocalEndPoint) : address;
        _arguments.Completed += (_, _) => AcceptLoop(completed: true);
        AcceptLoop(completed: false);
    }

    public string LocalAddress { get; }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _socket.Dispose();
        if (_path is not null)
        {
            File.Delete(_path);
        }
    }

    /// <summary>A socket file that nobody answers at was left by a process that is gone.</summary>
    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException cause) when (cause.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
        }
    }

    private void AcceptLoop(bool completed)
    {
        while (!_disposed)
        {
            if (completed)
            {
                TakeAccepted();
            }

            try
            {
                completed = !_socket.AcceptAsync(_arguments);
            }
            catch (ObjectDisposedException)
            {
                // Dispose came between: that is how accepting ends.
                return;
            }

            if (!completed)
            {
                return;
            }
        }

        _arguments.AcceptSocket?.Dispose();
    }

    private void TakeAccepted()
    {
        Socket? socket = _arguments.AcceptSocket;
        SocketError error = _arguments.SocketError;
        _arguments.AcceptSocket = null;
        if (error != SocketError.Success || socket is null)
        {
            socket?.Dispose();
            return;
        }

        try
        {
            SocketEndPoints.SetUp(socket);
            string remote = _path is null ? SocketEndPoints.Text(socket.RemoteEndPoint) : $"unix:{_path}";
            _accepted(new SocketConnection(socket, remote));
        }
        catch (SocketException)
        {
            // It was reset before it was set up: nobody is there to be told.
            socket.Dispose();
        }
    }
}
