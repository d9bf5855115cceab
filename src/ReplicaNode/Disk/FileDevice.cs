using Microsoft.Win32.SafeHandles;
using Replication.Actors.Disk;

namespace Replication.ReplicaNode.Disk;

/// <summary>
/// One open file as a block device. Reads past the end give zeroes and writes past the end make the file
/// longer. What the file had when it was opened and has lost since, because somebody cut it, fails with EIO
/// until it is written again: it must not vote as zeroes. The exclusive lock lasts until the device is
/// disposed and its last operation has ended: whoever opens the file next meets no late write of this one.
/// </summary>
public sealed class FileDevice : IBlockDevice
{
    /// <summary>Most operations under way or queued; one more is answered EAGAIN at once.</summary>
    public const int PendingMax = 4096;

    /// <summary>
    /// Reads up to this length are first tried in the submitter's thread, where they cost one system call
    /// if the page cache has the bytes (RWF_NOWAIT never waits for the disk); what is missing there goes to
    /// a disk thread.
    /// </summary>
    public const int CachedReadMaxBytes = 64 * 1024;

    /// <summary>Most extents in one answer; the answer then ends before the range does.</summary>
    public const int ExtentsMax = 4096;

    private readonly SafeFileHandle _file;
    private readonly DiskThreads _threads;
    private readonly int _fd;
    private int _pending = 1;
    private int _disposed;
    private volatile bool _readsCached = true;
    private volatile MissingRanges? _missing;

    internal FileDevice(SafeFileHandle file, long lengthBytes, DiskThreads threads)
    {
        _file = file;
        _fd = (int)file.DangerousGetHandle();
        _threads = threads;
        LengthBytes = lengthBytes;
    }

    /// <inheritdoc/>
    public long LengthBytes { get; }

    /// <summary>
    /// Starts an operation. Any thread; allocates nothing. A read found in the page cache is complete, and
    /// its owner told, when this returns. After Dispose: ESHUTDOWN.
    /// </summary>
    public void Submit(DiskOperation operation)
    {
        int errno = Enter();
        if (errno != Errno.None)
        {
            operation.Errno = errno;
            operation.Complete();
            return;
        }

        if (operation.Kind == DiskOperationKind.Read && TryReadCached(operation))
        {
            Leave();
            operation.Complete();
            return;
        }

        bool isTransfer = !operation.SyncAfter
            && operation.Kind is DiskOperationKind.Read or DiskOperationKind.Write;
        (isTransfer ? _threads.Transfers : _threads.Slow).Add(new DiskWork(this, operation, Call: null));
    }

    /// <summary>
    /// Refuses further operations; the file is closed, and its lock gone, when those under way have ended.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Leave();
        }
    }

    /// <summary>Does the work on a disk thread and tells the owner.</summary>
    internal void Execute(DiskOperation operation)
    {
        int errno = Perform(operation);
        if (errno == Errno.None && operation.SyncAfter)
        {
            errno = PositionalFile.SyncData(_fd);
            operation.SyncFailed = errno != Errno.None;
        }

        operation.Errno = errno;
        // The file is left before the owner is told: an owner that hears of its last operation may open it
        // again.
        Leave();
        operation.Complete();
    }

    private int Perform(DiskOperation operation)
    {
        switch (operation.Kind)
        {
            case DiskOperationKind.Read:
                return IsMissing(operation)
                    ? Errno.InputOutput
                    : PositionalFile.Read(
                        _fd, operation.Buffer.Span, operation.OffsetBytes, fileBytes: LengthBytes);
            case DiskOperationKind.Write:
            case DiskOperationKind.WriteZeroes:
            case DiskOperationKind.PunchHole:
                return Change(operation);
            case DiskOperationKind.QueryExtents:
                return QueryExtents(operation);
            case DiskOperationKind.Sync:
                int synced = PositionalFile.SyncData(_fd);
                operation.SyncFailed = synced != Errno.None;
                return synced;
            default:
                throw new InvalidOperationException($"no device knows the operation {operation.Kind}");
        }
    }

    /// <summary>Looks first whether the file was cut: the change itself may make it long again.</summary>
    private int Change(DiskOperation operation)
    {
        long lengthBytes = PositionalFile.Length(_fd);
        if (lengthBytes < LengthBytes)
        {
            if (lengthBytes < 0)
            {
                return Errno.InputOutput;
            }

            MissingRanges fresh = new();
            MissingRanges missing = Interlocked.CompareExchange(ref _missing, fresh, null) ?? fresh;
            missing.Add(lengthBytes, LengthBytes);
        }

        bool isWrite = operation.Kind == DiskOperationKind.Write;
        long offset = operation.OffsetBytes;
        long count = isWrite ? operation.Buffer.Length : operation.LengthBytes;
        int errno = isWrite
            ? PositionalFile.Write(_fd, operation.Buffer.Span, offset)
            : PositionalFile.Zero(_fd, offset, count, operation.Kind == DiskOperationKind.PunchHole);
        if (errno == Errno.None)
        {
            _missing?.Fill(offset, offset + count);
        }

        return errno;
    }

    private bool IsMissing(DiskOperation operation) =>
        _missing?.Touches(operation.OffsetBytes, operation.OffsetBytes + operation.Buffer.Length) == true;

    private int QueryExtents(DiskOperation operation)
    {
        (long offset, long length) = (operation.OffsetBytes, operation.LengthBytes);
        int errno =
            PositionalFile.QueryExtents(_fd, offset, length, ExtentsMax, out List<DiskExtent> extents);
        operation.Extents = extents;
        return errno;
    }

    private bool TryReadCached(DiskOperation operation)
    {
        if (!_readsCached || operation.Buffer.Length > CachedReadMaxBytes || _missing is not null)
        {
            return false;
        }

        int errno = PositionalFile.ReadCached(_fd, operation.Buffer.Span, operation.OffsetBytes);
        if (errno == Errno.NotSupported)
        {
            _readsCached = false;
        }

        return errno == Errno.None;
    }

    private int Enter()
    {
        while (true)
        {
            int pending = Volatile.Read(ref _pending);
            if (pending == 0 || Volatile.Read(ref _disposed) != 0)
            {
                return Errno.Shutdown;
            }

            if (pending > PendingMax)
            {
                return Errno.TryAgain;
            }

            if (Interlocked.CompareExchange(ref _pending, pending + 1, pending) == pending)
            {
                return Errno.None;
            }
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _pending) == 0)
        {
            _file.Dispose();
        }
    }
}
