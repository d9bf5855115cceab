using System.Net;
using System.Net.Sockets;

namespace Replication.Gateway.Listening;

/// <summary>
/// A listening socket. A unix socket is its owner's alone (0600), and its file goes with it.
/// </summary>
public sealed class Listener : IDisposable
{
    private readonly Socket _socket;

    private Listener(Socket socket, ListenAddress address)
    {
        _socket = socket;
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
            if (address.Path is not null)
            {
                // Before Listen nobody can connect, so there is no moment at which others could.
                File.SetUnixFileMode(address.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            socket.Listen(backlog);
            return new Listener(
                socket, address.Path is null ? ListenAddress.Of((IPEndPoint)socket.LocalEndPoint!) : address);
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
        _socket.Dispose();
        try
        {
            if (Address.Path is { } path)
            {
                File.Delete(path);
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
    }

    /// <summary>As <see cref="Close"/>.</summary>
    public void Dispose() => Close();
}
