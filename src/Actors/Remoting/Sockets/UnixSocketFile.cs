using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
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

    // The number, and when it was made: numbers are given again.
    private const uint IdentityMask = 0x100 | 0x800;
    private const int NumberOffset = 32;
    private const int MadeAtOffset = 80;
    private const int DeviceOffset = 136;
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

    /// <summary>Which file is at a path now; null where there is none, or it cannot be told.</summary>
    public static UnixSocketIdentity? IdentityOf(string path)
    {
        Span<byte> result = stackalloc byte[StatxBytes];
        result.Clear();
        return Statx(CurrentDirectory, path, NoFollow, IdentityMask, result) == 0
            ? new UnixSocketIdentity(
                MemoryMarshal.Read<ulong>(result[DeviceOffset..]),
                MemoryMarshal.Read<ulong>(result[NumberOffset..]),
                MemoryMarshal.Read<long>(result[MadeAtOffset..]),
                MemoryMarshal.Read<uint>(result[(MadeAtOffset + sizeof(long))..]))
            : null;
    }

    /// <summary>
    /// Removes the file at a path if it is still the one that was bound. Call it while the socket listens:
    /// until then nobody takes the file for one that was left behind, and puts another in its place.
    /// </summary>
    /// <exception cref="IOException">It cannot be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be removed.</exception>
    public static void Remove(string path, UnixSocketIdentity? bound)
    {
        if (bound is not null && IdentityOf(path) == bound)
        {
            File.Delete(path);
        }
    }

    /// <summary>
    /// The same bound socket, to be used and disposed instead of the one that is given. That one would remove
    /// whatever is at its path when it is disposed, also a file of another socket.
    /// </summary>
    [SuppressMessage(
        "Usage", "CA1816", Justification = "Its handle goes on in another socket, and is not to be closed.")]
    public static Socket WithoutFile(Socket bound)
    {
        GC.SuppressFinalize(bound);
        return new Socket(bound.SafeHandle);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, Span<byte> result);
}
