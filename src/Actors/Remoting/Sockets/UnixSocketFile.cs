using System.Runtime.InteropServices;

namespace Replication.Actors.Remoting.Sockets;

/// <summary>The file of a unix socket, which outlives the process that bound it. Any thread.</summary>
public static partial class UnixSocketFile
{
    /// <summary>Longest path of a unix socket, in bytes (sun_path without its terminator).</summary>
    public const int PathMaxBytes = 107;

    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint TypeMask = 1;
    private const int StatxBytes = 256;
    private const int ModeOffset = 28;
    private const ushort FileTypeBits = 0xF000;
    private const ushort SocketType = 0xC000;

    /// <summary>
    /// Whether there is a socket at a path; false where there is nothing, or anything else, and for a link.
    /// </summary>
    public static bool Exists(string path)
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
