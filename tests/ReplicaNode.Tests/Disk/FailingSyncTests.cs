using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.ReplicaNode.Disk;
using Replication.ReplicaNode.Storage;

namespace Replication.ReplicaNode.Tests.Disk;

/// <summary>
/// The regression behind the checked sync: .NET's own FlushToDisk and Flush(true) report success when fsync
/// fails. A real file system fails it here.
/// </summary>
public sealed class FailingSyncTests : IDisposable
{
    private const long Size = 4 << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly Answers _answers = new();

    public void Dispose()
    {
        _answers.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_failing_fdatasync_is_reported_with_its_errno()
    {
        using FileDisk disk = new(_folder.Of("node1"));
        _answers.OpenDevice(disk, "data.raw", DiskOpenMode.New, Size).Dispose();
        using FailingFile failing = new(_folder, _folder.Of("node1/data.raw"), Size);
        using IBlockDevice device = _answers.OpenDevice(disk, "data.raw", DiskOpenMode.Existing);
        Assert.Equal(0, _answers.Write(device, 0, [1, 2, 3]).Errno);
        DiskOperation sync = _answers.Run(device, new DiskOperation(DiskOperationKind.Sync, _answers));
        Assert.Equal((Errno.InputOutput, true), (sync.Errno, sync.SyncFailed));
        DiskOperation write = _answers.Write(device, 0, [1, 2, 3], syncAfter: true);
        Assert.Equal((Errno.InputOutput, true), (write.Errno, write.SyncFailed));
    }

    [Fact]
    public async Task A_replica_whose_fdatasync_fails_ends_its_incarnation()
    {
        ReplicaIdentity identity = new("demo", Guid.NewGuid(), Guid.NewGuid(), Size);
        using FileDisk disk = new(_folder.Of("node1"));
        ActorSystem system = ActorSystem.Create("node1");
        IActorRef storage = system.ActorOf(StorageActor.Props(disk), "storage");
        Assert.IsType<ReplicaDone>(await Ask(storage, new CreateReplica(1, identity)));

        using FailingFile failing = new(_folder, _folder.Of("node1/volumes/demo/data.raw"), Size);
        storage.Tell(new OpenReplica(2, identity, 0, 1, 1), _answers);
        ReplicaTicket ticket = new(1, 1, _answers.Next<ReplicaOpened>().Incarnation);
        IActorRef replica = _answers.LastSender!;
        PooledBuffer payload = PooledBuffer.CopyOf([1, 2, 3]);
        Assert.IsType<ReplicaDone>(
            await Ask(replica, new WriteReplica(3, ticket, 1UL << 40, 0, 0, payload, Fua: false)));
        ReplicaFailed failed =
            Assert.IsType<ReplicaFailed>(await Ask(replica, new FlushReplica(4, ticket, 1)));
        Assert.Equal((ReplicaRefusal.SyncFailed, Errno.InputOutput), (failed.Refusal, failed.Errno));
        failed = Assert.IsType<ReplicaFailed>(await Ask(replica, new FlushReplica(5, ticket, 1)));
        Assert.Equal(ReplicaRefusal.WrongIncarnation, failed.Refusal);
        await system.Terminate();
    }

    private static Task<object> Ask(IActorRef target, object message) =>
        target.Ask<object>(message, TimeSpan.FromSeconds(20));
}
