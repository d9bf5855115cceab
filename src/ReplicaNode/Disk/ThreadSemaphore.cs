using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Replication.ReplicaNode.Disk;

/// <summary>
/// A POSIX semaphore (sem_overview(7)) by which work is handed to threads: one system call wakes a waiting
/// thread and one waits, where a monitor's pulse and wait take about three times as many. Any thread.
/// </summary>
internal sealed unsafe partial class ThreadSemaphore
{
    /// <summary>Room for a sem_t: it has 32 bytes with glibc on 64 bits, and 16 with musl.</summary>
    private const int LengthBytes = 64;

    /// <summary>
    /// Never moves, and lives as long as anybody waits; a sem_t of one process holds nothing to be freed.
    /// </summary>
    private readonly byte[] _memory = GC.AllocateArray<byte>(LengthBytes, pinned: true);

    internal ThreadSemaphore() => Expect(Initialize(Pointer, isShared: 0, value: 0));

    private void* Pointer => Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));

    /// <summary>Lets one waiter go, or the next that comes.</summary>
    internal void Release()
    {
        Expect(Post(Pointer));
        GC.KeepAlive(_memory);
    }

    /// <summary>Waits for a <see cref="Release"/>.</summary>
    internal void Wait()
    {
        int result;
        do
        {
            result = Wait(Pointer);
        }
        while (result != 0 && Marshal.GetLastPInvokeError() == Libc.Interrupted);

        Expect(result);
        GC.KeepAlive(_memory);
    }

    private static void Expect(int result)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"a semaphore failed, errno {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "sem_init", SetLastError = true)]
    private static partial int Initialize(void* semaphore, int isShared, uint value);

    [LibraryImport("libc", EntryPoint = "sem_post", SetLastError = true)]
    private static partial int Post(void* semaphore);

    [LibraryImport("libc", EntryPoint = "sem_wait", SetLastError = true)]
    private static partial int Wait(void* semaphore);
}
