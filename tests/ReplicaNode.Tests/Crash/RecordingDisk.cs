using Replication.Actors;
using Replication.Actors.Disk;
using Replication.TestKit.Simulation.Disks;

namespace Replication.ReplicaNode.Tests.Crash;

/// <summary>
/// A disk in front of a simulated one that keeps a log of everything that changes a file: what a power loss
/// at any moment of it may leave is worked out from there (<see cref="DiskReplay"/>).
/// </summary>
internal sealed class RecordingDisk(SimulatedDisk disk, List<DiskEvent> log) : IDisk
{
    public void Open(string path, DiskOpenMode mode, long lengthBytes, IActorRef owner)
    {
        bool isInPlace = path.StartsWith("volumes/", StringComparison.Ordinal);
        disk.Open(path, mode, lengthBytes, isInPlace ? new Opener(this, owner) : owner);
    }

    public void List(string path, IActorRef owner) => disk.List(path, owner);

    public void Move(string from, string to, IActorRef owner) => disk.Move(from, to, owner);

    /// <summary>
    /// What the process before left: the log's own idea of writes that its end met under way is only that
    /// they may be there, and from here on it is known.
    /// </summary>
    private IBlockDevice Record(string path, IBlockDevice device)
    {
        byte[] durable = disk.PeekDurable(path, 0, (int)device.LengthBytes);
        byte[] cached = disk.Peek(path, 0, (int)device.LengthBytes);
        log.Add(new FileOpened(path, SparseFile.Of(durable), SparseFile.Of(cached)));
        return new RecordingDevice(path, device, log);
    }

    private sealed class Opener(RecordingDisk disk, IActorRef owner) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender)
        {
            DiskFileOpened opened = (DiskFileOpened)message;
            owner.Tell(opened.Device is IBlockDevice device
                ? opened with { Device = disk.Record(opened.Path, device) }
                : opened);
        }
    }
}

/// <summary>An open file of a <see cref="RecordingDisk"/>.</summary>
internal sealed class RecordingDevice(string path, IBlockDevice device, List<DiskEvent> log) : IBlockDevice
{
    private int _lastId;

    public long LengthBytes => device.LengthBytes;

    public void Submit(DiskOperation operation)
    {
        int id = ++_lastId;
        switch (operation.Kind)
        {
            case DiskOperationKind.Write:
                log.Add(new WriteBegun(path, id, operation.OffsetBytes, operation.Buffer.ToArray()));
                break;
            case DiskOperationKind.WriteZeroes or DiskOperationKind.PunchHole:
                byte[] zeroes = new byte[operation.LengthBytes];
                log.Add(new WriteBegun(path, id, operation.OffsetBytes, zeroes));
                break;
            case DiskOperationKind.Sync:
                log.Add(new SyncBegun(path, id));
                break;
        }

        device.Submit(new Passed(operation, () => OnDone(operation, id)));
    }

    public void Dispose() => device.Dispose();

    private void OnDone(DiskOperation operation, int id)
    {
        if (operation.Kind == DiskOperationKind.Sync)
        {
            log.Add(new SyncEnded(path, id, operation.Errno == 0));
        }
        else if (operation.Kind is not (DiskOperationKind.Read or DiskOperationKind.QueryExtents))
        {
            log.Add(new WriteEnded(path, id));
        }

        operation.Complete();
    }

    /// <summary>The same operation for the disk below; its own owner hears nothing.</summary>
    private sealed class Passed : DiskOperation
    {
        private readonly DiskOperation _outer;
        private readonly Action _done;

        internal Passed(DiskOperation outer, Action done)
            : base(outer.Kind, Silent.Instance)
        {
            (_outer, _done) = (outer, done);
            OffsetBytes = outer.OffsetBytes;
            LengthBytes = outer.LengthBytes;
            Buffer = outer.Buffer;
            SyncAfter = outer.SyncAfter;
        }

        protected override void OnDone()
        {
            (_outer.Errno, _outer.SyncFailed, _outer.FoundCut) = (Errno, SyncFailed, FoundCut);
            _outer.Extents = Extents;
            _done();
        }
    }

    private sealed class Silent : CallbackRef
    {
        internal static Silent Instance { get; } = new();

        protected override void OnMessage(object message, IActorRef? sender)
        {
        }
    }
}
