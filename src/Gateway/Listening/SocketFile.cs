using System.Net.Sockets;
using Replication.Actors.Remoting.Sockets;

namespace Replication.Gateway.Listening;

/// <summary>The file of a unix socket, which outlives the process that bound it.</summary>
internal static class SocketFile
{
    /// <summary>
    /// Removes the file if it is a socket and nobody answers behind it; nothing happens if there is none.
    /// </summary>
    /// <exception cref="ListenException">Somebody answers, it is no socket, or its folder is not there.
    /// </exception>
    internal static void RemoveStale(ListenAddress address)
    {
        string path = address.Path!;
        if (Directory.Exists(path))
        {
            throw new ListenException($"{path} exists and is not a socket");
        }

        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
        {
            throw new ListenException($"cannot listen on {address}: there is no folder {folder}");
        }

        if (!File.Exists(path))
        {
            return;
        }

        if (!UnixSocketFile.Exists(path))
        {
            throw new ListenException($"{path} exists and is not a socket");
        }

        using Socket probe = new(
            AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(address.EndPoint);
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException failed)
        {
            throw new ListenException($"{path} exists and cannot be replaced: {failed.Message}");
        }

        throw new ListenException($"another process listens on {address}");
    }
}
