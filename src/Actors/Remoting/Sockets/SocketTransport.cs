using System.Net;
using System.Net.Sockets;
using Replication.Actors.Remoting.Transports;

namespace Replication.Actors.Remoting.Sockets;

/// <summary>The real network: TCP, and unix sockets within a machine.</summary>
public sealed class SocketTransport : ITransport
{
    /// <summary>One for all systems of a process: it has no state.</summary>
    public static SocketTransport Instance { get; } = new();

    /// <inheritdoc/>
    public IListener Listen(string address, Action<IConnection> accepted)
    {
        EndPoint endPoint =
            SocketEndPoints.Parse(address, out string reason) ?? throw new IOException(reason);
        return new SocketListener(endPoint, address, accepted);
    }

    /// <inheritdoc/>
    public void Connect(string address, Action<ConnectResult> done)
    {
        EndPoint? endPoint = SocketEndPoints.Parse(address, out string reason);
        if (endPoint is null)
        {
            done(new ConnectResult(null, reason));
            return;
        }

        Socket socket = SocketEndPoints.CreateSocket(endPoint);
        SocketAsyncEventArgs arguments = new(unsafeSuppressExecutionContextFlow: true)
        {
            RemoteEndPoint = endPoint,
        };
        arguments.Completed += (_, completed) => Finish(socket, completed, address, done);
        if (!socket.ConnectAsync(arguments))
        {
            Finish(socket, arguments, address, done);
        }
    }

    private static void Finish(
        Socket socket, SocketAsyncEventArgs arguments, string address, Action<ConnectResult> done)
    {
        SocketError error = arguments.SocketError;
        arguments.Dispose();
        if (error == SocketError.Success)
        {
            try
            {
                SocketEndPoints.SetUp(socket);
                done(new ConnectResult(new SocketConnection(socket, address), string.Empty));
                return;
            }
            catch (SocketException cause)
            {
                error = cause.SocketErrorCode;
            }
        }

        socket.Dispose();
        done(new ConnectResult(null, $"{address}: {new SocketException((int)error).Message}"));
    }
}
