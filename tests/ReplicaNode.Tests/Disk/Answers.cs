using System.Collections.Concurrent;
using Replication.Actors;
using Replication.Actors.Disk;

namespace Replication.ReplicaNode.Tests.Disk;

/// <summary>Receives what real disk threads tell, and hands it to the test in order.</summary>
public sealed class Answers : CallbackRef, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly BlockingCollection<(object Message, IActorRef? Sender)> _received = [];

    /// <summary>Who sent the message that was taken last.</summary>
    public IActorRef? LastSender { get; private set; }

    public T Next<T>()
    {
        Assert.True(_received.TryTake(out var received, Patience), $"no {typeof(T).Name}");
        LastSender = received.Sender;
        return Assert.IsType<T>(received.Message, exactMatch: false);
    }

    public IBlockDevice OpenDevice(IDisk disk, string path, DiskOpenMode mode, long lengthBytes = 0)
    {
        disk.Open(path, mode, lengthBytes, this);
        DiskFileOpened opened = Next<DiskFileOpened>();
        Assert.Equal(0, opened.Errno);
        return opened.Device!;
    }

    public DiskOperation Run(IBlockDevice device, DiskOperation operation)
    {
        device.Submit(operation);
        return Next<DiskOperation>();
    }

    public DiskOperation Write(
        IBlockDevice device, long offsetBytes, byte[] content, bool syncAfter = false) =>
        Run(device, new DiskOperation(DiskOperationKind.Write, this)
        {
            OffsetBytes = offsetBytes,
            Buffer = content,
            SyncAfter = syncAfter,
        });

    public byte[] Read(IBlockDevice device, long offsetBytes, int lengthBytes)
    {
        byte[] content = new byte[lengthBytes];
        Array.Fill(content, (byte)0xEE);
        DiskOperation read = Run(device, new DiskOperation(DiskOperationKind.Read, this)
        {
            OffsetBytes = offsetBytes,
            Buffer = content,
        });
        Assert.Equal(0, read.Errno);
        return content;
    }

    public DiskOperation RunOnRange(
        IBlockDevice device, DiskOperationKind kind, long offsetBytes, long lengthBytes) =>
        Run(device, new DiskOperation(kind, this) { OffsetBytes = offsetBytes, LengthBytes = lengthBytes });

    public void Dispose() => _received.Dispose();

    protected override void OnMessage(object message, IActorRef? sender) =>
        _received.Add((message, sender));
}
