using System.Runtime.InteropServices;

namespace Replication.Cluster.Embedded.Journal;

/// <summary>
/// The system calls whose failure decides whether a change is durable. .NET's own
/// <c>FileStream.Flush(true)</c> and <c>RandomAccess.FlushToDisk</c> report success when fsync fails, so
/// these are called directly and their errno is read at once.
/// </summary>
internal static partial class LinuxCalls
{
    public const int OpenReadOnly = 0;
    public const int OpenWriteOnly = 1;
    public const int OpenReadWrite = 2;
    public const int OpenCreate = 0x40;
    public const int OpenTruncate = 0x200;
    public const int LockExclusiveOrFail = 2 | 4;
    public const int ErrorInterrupted = 4;
    public const int ErrorWouldBlock = 11;

    private const int OpenCloseOnExec = 0x80000;
    private const int OwnerOnlyWrites = 0x1A4;

    /// <summary>A descriptor for the path; throws <see cref="IOException"/> with the errno's text.</summary>
    public static int Open(string path, int flags)
    {
        while (true)
        {
            int descriptor = OpenCall(path, flags | OpenCloseOnExec, OwnerOnlyWrites);
            if (descriptor >= 0)
            {
                return descriptor;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error != ErrorInterrupted)
            {
                throw Failure("open", path, error);
            }
        }
    }

    /// <summary>
    /// fsync, checked. It is not repeated for any error, EINTR included: after a failure the kernel may have
    /// marked the pages clean, and a second call would call them good.
    /// </summary>
    public static void Sync(int descriptor, string path)
    {
        if (SyncCall(descriptor) != 0)
        {
            throw Failure("fsync", path, Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Writes what the kernel takes of the data and says how much that was.</summary>
    public static unsafe int Write(int descriptor, string path, long offset, ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            while (true)
            {
                nint written = WriteCall(descriptor, start, (nuint)data.Length, offset);
                if (written >= 0)
                {
                    return (int)written;
                }

                int error = Marshal.GetLastPInvokeError();
                if (error != ErrorInterrupted)
                {
                    throw Failure("write", path, error);
                }
            }
        }
    }

    /// <summary>
    /// Takes the lock of an open file, held until its descriptor closes; false: somebody else has it.
    /// </summary>
    public static bool TryLock(int descriptor, string path)
    {
        if (LockCall(descriptor, LockExclusiveOrFail) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error == ErrorWouldBlock ? false : throw Failure("flock", path, error);
    }

    /// <summary>
    /// Closes a descriptor. Its result is not looked at: whatever had to be durable was synced before, and
    /// Linux frees the descriptor whatever it answers.
    /// </summary>
    public static void Close(int descriptor) => _ = CloseCall(descriptor);

    private static IOException Failure(string call, string path, int error) =>
        new($"{call} of {path}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error})", error);

    [LibraryImport(
        "libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncCall(int descriptor);

    [LibraryImport("libc", EntryPoint = "pwrite64", SetLastError = true)]
    private static unsafe partial nint WriteCall(int descriptor, byte* data, nuint lengthBytes, long offset);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int LockCall(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseCall(int descriptor);
}
