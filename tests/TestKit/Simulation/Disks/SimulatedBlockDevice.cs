using Replication.Actors.Disk;

namespace Replication.TestKit.Simulation.Disks;

/// <summary>
/// One open file of a simulated disk. An operation takes effect at one instant, when its latency is over, and
/// is then reported: operations under way end in any order.
/// </summary>
internal sealed class SimulatedBlockDevice(SimulatedDisk disk, SimulatedFile file, string path) : IBlockDevice
{
    // In order of submission: a crash goes through them.
    private readonly OrderedDictionary<DiskOperation, UnderWay> _underWay = [];
    private bool _disposed;

    public long LengthBytes => file.LengthBytes;

    internal string Path => path;

    public void Submit(DiskOperation operation)
    {
        if (_disposed)
        {
            operation.Errno = Errno.Shutdown;
            operation.Complete();
            return;
        }

        disk.Observer?.OnSubmitted(path, operation);
        _underWay.Add(operation, new UnderWay(file.LastChange, Latency: null));
        DiskFault? fault = Hit(operation, static effect => effect == DiskFaultEffect.Stall);
        if (fault is null)
        {
            StartLatency(operation);
        }
    }

    /// <summary>
    /// The lock goes when the last operation under way has ended, as with a file descriptor.
    /// </summary>
    public void Dispose()
    {
        _disposed = true;
        ReleaseLockWhenDone();
    }

    internal void ReleaseStalled()
    {
        foreach ((DiskOperation operation, UnderWay state) in _underWay.ToArray())
        {
            if (state.Latency is null)
            {
                StartLatency(operation);
            }
        }
    }

    /// <summary>The process is gone. Writes under way may have reached the cache or not.</summary>
    internal void Kill(SeededIdSource random)
    {
        _disposed = true;
        foreach ((DiskOperation operation, UnderWay state) in _underWay)
        {
            state.Latency?.Dispose();
            if (operation.Kind == DiskOperationKind.Write && InRange(operation) && random.Chance(0.5))
            {
                file.Write(operation.OffsetBytes, operation.Buffer.Span);
            }
        }

        _underWay.Clear();
        ReleaseLockWhenDone();
    }

    private static long LengthOf(DiskOperation operation) =>
        operation.Kind is DiskOperationKind.Read or DiskOperationKind.Write
            ? operation.Buffer.Length
            : operation.LengthBytes;

    private void StartLatency(DiskOperation operation) =>
        _underWay[operation] = _underWay[operation] with
        {
            Latency = disk.AfterLatency(operation.Kind, operation.SyncAfter, () => Finish(operation)),
        };

    private void Finish(DiskOperation operation)
    {
        _underWay.Remove(operation, out UnderWay state);
        disk.Mark(path, $"{operation.Kind} {operation.OffsetBytes}+{LengthOf(operation)}");
        DiskFault? failure = Hit(operation, static effect => effect == DiskFaultEffect.Fail);
        if (failure is not null)
        {
            operation.Errno = failure.Errno;
            if (operation.Kind == DiskOperationKind.Sync)
            {
                FailSync(operation, failure.Errno);
            }
        }
        else if (!InRange(operation))
        {
            operation.Errno = Errno.Invalid;
        }
        else
        {
            Carry(operation, state.LastChangeBefore);
        }

        disk.Observer?.OnEnded(path, operation);
        operation.Complete();
        ReleaseLockWhenDone();
    }

    private void Carry(DiskOperation operation, long lastChangeBefore)
    {
        switch (operation.Kind)
        {
            case DiskOperationKind.Read:
                file.Read(operation.OffsetBytes, operation.Buffer.Span);
                return;
            case DiskOperationKind.QueryExtents:
                operation.Extents = file.Extents(operation.OffsetBytes, operation.LengthBytes);
                return;
            case DiskOperationKind.Sync:
                Sync(operation, lastChangeBefore);
                return;
            case DiskOperationKind.PunchHole:
                disk.Free(file.Punch(operation.OffsetBytes, operation.LengthBytes));
                break;
            case DiskOperationKind.Write or DiskOperationKind.WriteZeroes:
                if (!disk.TryAllocate(file.CountHoles(operation.OffsetBytes, LengthOf(operation))))
                {
                    operation.Errno = Errno.NoSpace;
                    return;
                }

                Write(operation);
                break;
            default:
                throw new InvalidOperationException($"{operation.Kind} is not known to the simulated disk");
        }

        if (operation.SyncAfter)
        {
            Sync(operation, file.LastChange);
        }
    }

    private void Write(DiskOperation operation)
    {
        if (operation.Kind == DiskOperationKind.WriteZeroes)
        {
            file.WriteZeroes(operation.OffsetBytes, operation.LengthBytes);
        }
        else if (Hit(operation, static effect => effect == DiskFaultEffect.LoseWrite) is not null)
        {
            disk.Mark(path, "lost a write");
        }
        else
        {
            bool corrupts =
                Hit(operation, static effect => effect == DiskFaultEffect.CorruptWrite) is not null;
            file.Write(operation.OffsetBytes, operation.Buffer.Span);
            if (corrupts && operation.Buffer.Length > 0)
            {
                disk.CorruptOne(file, operation.OffsetBytes, operation.Buffer.Length);
            }
        }
    }

    private void Sync(DiskOperation operation, long lastChangeBefore)
    {
        // A write that syncs is hit by faults on syncs too: to the disk they are two operations.
        DiskFault? failure = operation.Kind == DiskOperationKind.Sync
            ? null
            : disk.Hit(path, DiskOperationKind.Sync, 0, 0, static effect => effect == DiskFaultEffect.Fail);
        if (failure is not null)
        {
            FailSync(operation, failure.Errno);
        }
        else if (disk.Hit(path, DiskOperationKind.Sync, 0, 0, static e => e == DiskFaultEffect.LieAboutSync)
            is null)
        {
            disk.Sync(file, lastChangeBefore);
        }
        else
        {
            disk.Lie();
        }
    }

    private void FailSync(DiskOperation operation, int errno)
    {
        operation.Errno = errno;
        operation.SyncFailed = true;
        disk.FailSync(file);
    }

    private DiskFault? Hit(DiskOperation operation, Predicate<DiskFaultEffect> effect) =>
        disk.Hit(path, operation.Kind, operation.OffsetBytes, LengthOf(operation), effect);

    private bool InRange(DiskOperation operation) =>
        operation.Kind == DiskOperationKind.Sync
        || (operation.OffsetBytes >= 0 && LengthOf(operation) >= 0
            && operation.OffsetBytes <= file.LengthBytes - LengthOf(operation));

    private void ReleaseLockWhenDone()
    {
        if (_disposed && _underWay.Count == 0 && ReferenceEquals(file.OpenedBy, this))
        {
            file.OpenedBy = null;
        }
    }

    /// <summary>
    /// A sync answers for the changes before it was submitted, and may or may not take later ones.
    /// </summary>
    private readonly record struct UnderWay(long LastChangeBefore, IDisposable? Latency);
}
