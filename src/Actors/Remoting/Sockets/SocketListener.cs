using System.Net;
using System.Net.Sockets;
using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Remoting.Sockets;

/// <summary>
/// A bound socket that accepts until it is disposed. A unix socket is its owner's alone (0600): whoever can
/// connect can do everything.
/// </summary>
internal sealed class SocketListener : IListener
{
    private const int BacklogMax = 128;

    /// <summary>
    /// How long accepting rests when the system has no handle or memory left: without it, it would spin.
    /// </summary>
    private const int AcceptRestMs = 100;

    private readonly Socket _socket;
    private readonly Action<IConnection> _accepted;
    private readonly SocketAsyncEventArgs _arguments = new(unsafeSuppressExecutionContextFlow: true);
    private readonly Timer _rest;
    private readonly string? _path;
    private readonly UnixSocketIdentity? _file;
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
            if (_path is not null)
            {
                _file = UnixSocketFile.IdentityOf(_path);
                _socket = UnixSocketFile.WithoutFile(_socket);

                // Before Listen nobody can connect, so there is no moment at which others could.
                File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            _socket.Listen(BacklogMax);
        }
        catch (Exception cause) when (cause is SocketException or IOException or UnauthorizedAccessException)
        {
            _socket.Dispose();
            throw new IOException($"cannot listen on {address}: {cause.Message}", cause);
        }

        LocalAddress = _path is null ? SocketEndPoints.Text(_socket.LocalEndPoint) : address;
        _rest = new Timer(_ => AcceptLoop(completed: false));
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
        try
        {
            if (_path is not null)
            {
                UnixSocketFile.Remove(_path, _file);
            }
        }
        finally
        {
            _socket.Dispose();
            _rest.Dispose();
        }
    }

    /// <summary>
    /// A socket file that nobody answers at was left by a process that is gone. Anything else is left alone:
    /// a connect to a regular file is refused just like one to a socket without a listener.
    /// </summary>
    private static void RemoveStale(string path)
    {
        if (!UnixSocketFile.Exists(path))
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
            try
            {
                if (completed && !TakeAccepted())
                {
                    _rest.Change(AcceptRestMs, Timeout.Infinite);
                    return;
                }

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

    /// <summary>
    /// False when accepting failed for want of something, and not because of the other side.
    /// </summary>
    private bool TakeAccepted()
    {
        Socket? socket = _arguments.AcceptSocket;
        SocketError error = _arguments.SocketError;
        _arguments.AcceptSocket = null;
        if (error != SocketError.Success || socket is null)
        {
            socket?.Dispose();
            return error is SocketError.ConnectionAborted or SocketError.ConnectionReset;
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

        return true;
    }
}
