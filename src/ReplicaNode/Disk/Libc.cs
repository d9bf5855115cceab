using System.Runtime.InteropServices;

namespace Replication.ReplicaNode.Disk;

/// <summary>
/// The calls of libc that .NET hides or gets wrong: its own FlushToDisk reports success when fsync fails, and
/// it has no fallocate, no SEEK_DATA and no RWF_NOWAIT. All return -1 with
/// <see cref="Marshal.GetLastPInvokeError"/> set on failure. off_t is 64 bits on every platform .NET supports
/// on Linux with 64 bits.
/// </summary>
internal static unsafe partial class Libc
{
    internal const int OpenReadOnly = 0;
    internal const int OpenReadWrite = 0x2;
    internal const int OpenCreate = 0x40;
    internal const int OpenExclusive = 0x80;
    internal const int OpenCloseOnExec = 0x80000;
    internal const int LockExclusive = 2;
    internal const int LockNonBlocking = 4;
    internal const int SeekEnd = 2;
    internal const int SeekData = 3;
    internal const int SeekHole = 4;
    internal const int FallocateKeepSize = 0x1;
    internal const int FallocatePunchHole = 0x2;
    internal const int FallocateZeroRange = 0x10;
    internal const int ReadNoWait = 0x8;
    internal const int AtCurrentFolder = -100;
    internal const uint RenameNoReplace = 1;
    internal const int AtEmptyPath = 0x1000;
    internal const int AdviseDontNeed = 4;

    /// <summary>Of struct statx, which is the same on every architecture.</summary>
    internal const int StatusBytes = 256;
    internal const uint StatusLinks = 0x4;
    internal const int StatusLinksOffset = 16;

    /// <summary>More than struct statfs has on any architecture; it begins with the type, a long.</summary>
    internal const int FileSystemStatusBytes = 256;
    internal const long TmpfsType = 0x01021994;
    internal const long RamfsType = 0x858458F6;

    internal const int Interrupted = 4;
    internal const int NoSuchDeviceOrAddress = 6;
    internal const int NotImplemented = 38;

    private const StringMarshalling Text = StringMarshalling.Utf8;

    [StructLayout(LayoutKind.Sequential)]
    internal struct IoVector
    {
        internal byte* Base;
        internal nuint LengthBytes;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = Text)]
    internal static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int Flock(int fd, int operation);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(int fd, long lengthBytes);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    internal static partial nint ReadAt(int fd, byte* buffer, nuint lengthBytes, long offsetBytes);

    [LibraryImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    internal static partial nint ReadVectorAt(
        int fd, IoVector* vectors, int count, long offsetBytes, int flags);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint WriteAt(int fd, byte* buffer, nuint lengthBytes, long offsetBytes);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(int fd);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int SyncData(int fd);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    internal static partial int FileSystemStatus(int fd, byte* status);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    internal static partial int Allocate(int fd, int mode, long offsetBytes, long lengthBytes);

    /// <summary>Returns the errno itself.</summary>
    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    internal static partial int Advise(int fd, long offsetBytes, long lengthBytes, int advice);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    internal static partial long Seek(int fd, long offsetBytes, int whence);

    [LibraryImport("libc", EntryPoint = "mkdir", SetLastError = true, StringMarshalling = Text)]
    internal static partial int MakeFolder(string path, int mode);

    [LibraryImport("libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = Text)]
    internal static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = Text)]
    internal static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = Text)]
    internal static partial int RenameAt(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = Text)]
    internal static partial int Status(int fd, string path, int flags, uint mask, byte* status);

    /// <summary>
    /// The errno of a call that returned -1 just now on this thread, 0 for any other result.
    /// </summary>
    internal static int ErrnoOf(long result) => result < 0 ? Marshal.GetLastPInvokeError() : 0;
}
