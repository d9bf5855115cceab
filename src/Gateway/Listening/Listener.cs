using System.Net;
using System.Net.Sockets;
using Replication.Actors.Remoting.Sockets;

namespace Replication.Gateway.Listening;

/// <summary>
/// A listening socket. A unix socket is its owner's alone (0600), and its file goes with it, unless it is
/// another's by then.
/// </summary>
public sealed class Listener : IDisposable
{
    private readonly Socket _socket;
    private readonly UnixSocketIdentity? _file;

    private Listener(Socket socket, ListenAddress address, UnixSocketIdentity? file)
    {
        _socket = socket;
        _file = file;
        Address = address;
    }

    /// <summary>Where it listens; for port 0, the port that the kernel chose.</summary>
    public ListenAddress Address { get; }

    /// <summary>
    /// Binds and listens. The file of a unix socket on which nobody answers is replaced.
    /// </summary>
    /// <exception cref="ListenException">Who has the address, or why it cannot be bound.</exception>
    public static Listener Open(ListenAddress address, int backlog = 128)
    {
        if (address.Path is not null)
        {
            SocketFile.RemoveStale(address);
        }

        EndPoint endPoint = address.EndPoint;
        Socket socket = new(
            endPoint.AddressFamily,
            SocketType.Stream,
            endPoint is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            UnixSocketIdentity? file = null;
            if (address.Path is not null)
            {
                file = UnixSocketFile.IdentityOf(address.Path);
                socket = UnixSocketFile.WithoutFile(socket);

                // Before Listen nobody can connect, so there is no moment at which others could.
                File.SetUnixFileMode(address.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            socket.Listen(backlog);
            return new Listener(
                socket,
                address.Path is null ? ListenAddress.Of((IPEndPoint)socket.LocalEndPoint!) : address,
                file);
        }
        catch (Exception failure) when (
            failure is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new ListenException(
                failure is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
                    ? $"{address} is taken by another process: stop it, or choose another address"
                    : $"cannot listen on {address}: {failure.Message}");
        }
    }

    /// <summary>The next client.</summary>
    public ValueTask<Socket> AcceptAsync(CancellationToken cancellation) => _socket.AcceptAsync(cancellation);

    /// <summary>Stops listening and removes the socket's file. Never fails; may be called again.</summary>
    /// <returns>A sentence for the log where the file is left; else null.</returns>
    public string? Close()
    {
        try
        {
            if (Address.Path is { } path)
            {
                UnixSocketFile.Remove(path, _file);
            }

            return null;
        }
        catch (DirectoryNotFoundException)
        {
            // The file is gone with its folder.
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"the socket's file stays: {failure.Message}";
        }
        finally
        {
            _socket.Dispose();
        }
    }

    /// <summary>As <see cref="Close"/>.</summary>
    public void Dispose() => Close();
}
