using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Replication.Gateway.Listening;

/// <summary>The file of a unix socket, which outlives the process that bound it.</summary>
internal static partial class SocketFile
{
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint TypeMask = 1;
    private const int StatxBytes = 256;
    private const int ModeOffset = 28;
    private const ushort FileTypeBits = 0xF000;
    private const ushort SocketType = 0xC000;

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

        if (!IsSocket(path))
        {
            throw new ListenException($"{path} exists and is not a socket");
        }

        using Socket probe = new(
            AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, ProtocolType.Unspecified);
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

    private static bool IsSocket(string path)
    {
        Span<byte> result = stackalloc byte[StatxBytes];
        if (Statx(CurrentDirectory, path, NoFollow, TypeMask, result) != 0)
        {
            return false;
        }

        ushort mode = MemoryMarshal.Read<ushort>(result[ModeOffset..]);
        return (mode & FileTypeBits) == SocketType;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, Span<byte> result);
}
