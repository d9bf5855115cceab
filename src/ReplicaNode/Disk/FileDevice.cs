using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Replication.Actors.Disk;
using Replication.Actors.Threading;

namespace Replication.ReplicaNode.Disk;

/// <summary>
/// One open file as a block device. Reads past the end give zeroes and writes past the end make the file
/// longer. A file that is found shorter than it was when it was opened, or without a name, fails everything
/// with EIO from then on (<see cref="DiskOperation.FoundCut"/>): what is gone must not vote as zeroes, and
/// a write behind the cut would make the file long again and hide it. The exclusive lock lasts until the
/// device is disposed and its last operation has ended: whoever opens the file next meets no late write of
/// this one.
/// </summary>
public sealed class FileDevice : IBlockDevice
{
    /// <summary>Most operations under way or queued; one more is answered EAGAIN at once.</summary>
    public const int PendingMax = 4096;

    /// <summary>
    /// Reads up to this length are done in the submitter's thread, where they cost one system call, if the
    /// page cache can answer them (RWF_NOWAIT; what is missing there goes to a disk thread).
    /// </summary>
    public const int CachedInlineMaxBytes = 64 * 1024;

    /// <summary>
    /// Transfers up to this length are done there too on a file system that lies in memory: nothing is ever
    /// waited for. The time to copy this much is what small requests behind it may wait longer.
    /// </summary>
    public const int InMemoryInlineMaxBytes = 1024 * 1024;

    /// <summary>Most extents in one answer; the answer then ends before the range does.</summary>
    public const int ExtentsMax = 4096;

    private readonly SafeFileHandle _file;
    private readonly DiskThreads _threads;
    private readonly int _fd;
    private int _pending = 1;
    private int _disposed;
    private readonly bool _isInMemory;
    private volatile bool _readsCached = true;
    private volatile bool _isCut;

    internal FileDevice(SafeFileHandle file, long lengthBytes, DiskThreads threads)
    {
        _file = file;
        _fd = (int)file.DangerousGetHandle();
        _threads = threads;
        _isInMemory = PositionalFile.IsInMemory(_fd);
        LengthBytes = lengthBytes;
    }

    /// <inheritdoc/>
    public long LengthBytes { get; }

    /// <summary>
    /// Starts an operation. Any thread; allocates nothing. A short transfer that waits for no disk is
    /// complete, and its owner told, when this returns. After Dispose: ESHUTDOWN.
    /// </summary>
    public void Submit(DiskOperation operation)
    {
        if (_threads.Observer is not null)
        {
            operation.QueuedAt = Stopwatch.GetTimestamp();
        }

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
            Observe(operation);
            operation.Complete();
            return;
        }

        bool isTransfer = !operation.SyncAfter
            && operation.Kind is DiskOperationKind.Read or DiskOperationKind.Write;
        if (isTransfer && _isInMemory && operation.Buffer.Length <= InMemoryInlineMaxBytes)
        {
            Execute(operation);
            return;
        }

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

    /// <summary>Does the work, on a disk thread unless it is short, and tells the owner.</summary>
    internal void Execute(DiskOperation operation)
    {
        int errno = Perform(operation);
        if (errno == Errno.None && operation.SyncAfter)
        {
            errno = PositionalFile.SyncData(_fd);
            operation.SyncFailed = errno != Errno.None;
        }

        operation.Errno = errno;
        Observe(operation);
        if (operation.SyncFailed)
        {
            // Told first: a read that meets older bytes from here on is answered behind the failure, when its
            // incarnation has ended, and counts for nothing.
            operation.Complete();
            PositionalFile.DropClean(_fd);
            Leave();
            return;
        }

        // The file is left before the owner is told: an owner that hears of its last operation may open it
        // again.
        Leave();
        using Turn turn = Turn.Begin();
        operation.Complete();
    }

    /// <summary>Before the owner is told, who may use the operation again.</summary>
    private void Observe(DiskOperation operation) => _threads.Observer?.OnDone(
        operation.Kind,
        Math.Max(operation.Buffer.Length, operation.LengthBytes),
        Stopwatch.GetElapsedTime(operation.QueuedAt),
        operation.Errno);

    private int Perform(DiskOperation operation)
    {
        switch (operation.Kind)
        {
            case DiskOperationKind.Read:
                return Read(operation);
            case DiskOperationKind.Write:
            case DiskOperationKind.WriteZeroes:
            case DiskOperationKind.PunchHole:
                return Change(operation);
            case DiskOperationKind.QueryExtents:
                return QueryExtents(operation);
            case DiskOperationKind.Sync:
                return Sync(operation);
            default:
                throw new InvalidOperationException($"no device knows the operation {operation.Kind}");
        }
    }

    private int Read(DiskOperation operation)
    {
        int errno = _isCut
            ? Errno.InputOutput
            : PositionalFile.Read(
                _fd, operation.Buffer.Span, operation.OffsetBytes, fileBytes: LengthBytes);
        return errno == Errno.None ? errno : CutOr(errno, operation);
    }

    /// <summary>Looks first whether the file was cut: the change itself may make it long again.</summary>
    private int Change(DiskOperation operation)
    {
        int cut = CutOr(Errno.None, operation);
        if (cut != Errno.None)
        {
            return cut;
        }

        return operation.Kind == DiskOperationKind.Write
            ? PositionalFile.Write(_fd, operation.Buffer.Span, operation.OffsetBytes)
            : PositionalFile.Zero(
                _fd,
                operation.OffsetBytes,
                operation.LengthBytes,
                operation.Kind == DiskOperationKind.PunchHole);
    }

    private int Sync(DiskOperation operation)
    {
        int errno = PositionalFile.SyncData(_fd);
        _isCut |= PositionalFile.IsUnlinked(_fd);
        errno = CutOr(errno, operation);
        operation.SyncFailed = errno != Errno.None;
        return errno;
    }

    /// <summary>EIO when the file is cut, and says so; else the errno given.</summary>
    private int CutOr(int errno, DiskOperation operation)
    {
        if (!_isCut)
        {
            long lengthBytes = PositionalFile.Length(_fd);
            if (lengthBytes < 0)
            {
                return Errno.InputOutput;
            }

            _isCut = lengthBytes < LengthBytes;
        }

        operation.FoundCut = _isCut;
        return _isCut ? Errno.InputOutput : errno;
    }

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
        if (!_readsCached || operation.Buffer.Length > CachedInlineMaxBytes || _isCut)
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
