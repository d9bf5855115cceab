using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.Messages.Digests;
using Replication.ReplicaNode.Disk;
using Replication.ReplicaNode.Storage;
using Replication.ReplicaNode.Tests.Disk;

namespace Replication.ReplicaNode.Tests.Replicas;

/// <summary>The storage actor over a real folder, as the executable composes it.</summary>
public sealed class RealFilesTests : IDisposable
{
    private const long Size = 64 << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly ReplicaIdentity _identity = new("demo", Guid.NewGuid(), Guid.NewGuid(), Size);
    private FileDisk _disk;
    private ActorSystem _system;
    private IActorRef _storage;

    public RealFilesTests()
    {
        _disk = null!;
        _system = null!;
        _storage = null!;
        Start();
    }

    public void Dispose()
    {
        Stop();
        _folder.Dispose();
    }

    [Fact]
    public void What_was_written_and_flushed_is_there_after_a_restart_under_a_new_incarnation()
    {
        Assert.IsType<ReplicaDone>(Ask(_storage, new CreateReplica(1, _identity)));
        (ReplicaTicket first, IActorRef replica) = Open(epoch: 1, session: 1);
        byte[] content = new byte[100_000];
        new Random(1).NextBytes(content);
        Assert.IsType<ReplicaDone>(Ask(
            replica,
            new WriteReplica(2, first, Stamp(1, 5), 0, 70_000, PooledBuffer.CopyOf(content), Fua: false)));
        Assert.IsType<ReplicaDone>(Ask(replica, new FlushReplica(3, first, Stamp(1, 5))));
        Assert.IsType<ReplicaDone>(Ask(replica, new CloseReplica(4, first)));
        Assert.Equal(content, RawFile.Read(_folder.Of("volumes/demo/data.raw"))[70_000..170_000]);
        Assert.Equal(Size, new FileInfo(_folder.Of("volumes/demo/data.raw")).Length);

        Stop();
        Start();
        (ReplicaTicket second, replica) = Open(epoch: 2, session: 1);
        Assert.NotEqual(first.Incarnation, second.Incarnation);
        ReplicaRead read = Assert.IsType<ReplicaRead>(Ask(
            replica, new ReadReplica(5, second, 70_000, 100_000, ReplicaReadMode.Digest, DigestKind.Xxh128)));
        Assert.Equal(Digest.Compute(DigestKind.Xxh128, content), read.Digest);
        ReplicaFailed stale =
            Assert.IsType<ReplicaFailed>(Ask(_storage, new OpenReplica(6, _identity, 1, 1, 9)));
        Assert.Equal(ReplicaRefusal.StaleEpoch, stale.Refusal);
    }

    [Fact]
    public async Task A_second_node_on_the_same_folder_is_refused_while_the_first_one_lives()
    {
        Ask(_storage, new CreateReplica(1, _identity));
        Open(epoch: 1, session: 1);
        using FileDisk disk = new(_folder.Path);
        ActorSystem other = ActorSystem.Create("other");
        IActorRef storage = other.ActorOf(StorageActor.Props(disk), "storage");
        ReplicaFailed busy =
            Assert.IsType<ReplicaFailed>(Ask(storage, new OpenReplica(2, _identity, 1, 2, 1)));
        Assert.Equal(ReplicaRefusal.Busy, busy.Refusal);
        await other.Terminate();
    }

    [Fact]
    public void A_removed_replica_lies_in_the_trash_and_another_can_be_made()
    {
        Ask(_storage, new CreateReplica(1, _identity));
        Open(epoch: 1, session: 1);
        Assert.IsType<ReplicaDone>(Ask(_storage, new RemoveReplica(2, _identity, Serial: 0, Epoch: 2)));
        Assert.Single(Directory.GetDirectories(_folder.Of("trash")));
        Assert.IsType<ReplicaDone>(Ask(_storage, new CreateReplica(3, _identity)));
    }

    [Fact]
    public void A_raw_file_that_lost_its_tail_opens_clean_0_and_is_whole_again()
    {
        Ask(_storage, new CreateReplica(1, _identity));
        (ReplicaTicket ticket, IActorRef replica) = Open(epoch: 1, session: 1);
        Ask(replica, new WriteReplica(2, ticket, Stamp(1, 5), 0, 0, PooledBuffer.CopyOf([7]), Fua: false));
        Ask(replica, new FlushReplica(3, ticket, Stamp(1, 5)));
        Ask(replica, new CloseReplica(4, ticket));
        Stop();
        using (FileStream file = File.OpenWrite(_folder.Of("volumes/demo/data.raw")))
        {
            file.SetLength(100);
        }

        Start();
        using Answers answers = new();
        _storage.Tell(new OpenReplica(0, _identity, 1, 2, 1), answers);
        ReplicaOpened cut = answers.Next<ReplicaOpened>();
        Assert.Equal((0UL, true), (cut.Clean, cut.Incomplete));
        Assert.Equal([7, .. new byte[Size - 1]], RawFile.Read(_folder.Of("volumes/demo/data.raw")));
    }

    [Fact]
    public void A_raw_file_cut_in_use_is_incomplete_from_the_next_open_on_whatever_is_written_after_it()
    {
        Ask(_storage, new CreateReplica(1, _identity));
        (ReplicaTicket ticket, IActorRef replica) = Open(epoch: 1, session: 1);
        Ask(replica, new WriteReplica(2, ticket, Stamp(1, 5), 0, 0, PooledBuffer.CopyOf([7]), Fua: true));
        RawFile.Cut(_folder.Of("volumes/demo/data.raw"), 100);
        PooledBuffer behind = PooledBuffer.CopyOf([8]);
        ReplicaFailed failed = Assert.IsType<ReplicaFailed>(
            Ask(replica, new WriteReplica(3, ticket, Stamp(1, 6), 0, Size - 1, behind, Fua: true)));
        Assert.Equal(Errno.InputOutput, failed.Errno);
        Assert.Equal(100, new FileInfo(_folder.Of("volumes/demo/data.raw")).Length);

        // While the life of before ends, an open finds the files busy or is lost with it: it is sent again.
        ReplicaOpened? opened = null;
        for (uint session = 2; opened is null && session < 30; session++)
        {
            opened = AskOnce(_storage, new OpenReplica(0, _identity, 1, 1, session)) as ReplicaOpened;
        }

        Assert.NotNull(opened);

        Assert.Equal((0UL, true), (opened.Clean, opened.Incomplete));
        Assert.NotEqual(ticket.Incarnation, opened.Incarnation);
        Assert.Equal(Size, new FileInfo(_folder.Of("volumes/demo/data.raw")).Length);
    }

    private static ulong Stamp(uint epoch, ulong counter) => ((ulong)epoch << 40) | counter;

    private static object Ask(IActorRef target, object message) =>
        target.Ask<object>(message, TimeSpan.FromSeconds(20)).GetAwaiter().GetResult();

    private static object? AskOnce(IActorRef target, object message)
    {
        try
        {
            return target.Ask<object>(message, TimeSpan.FromSeconds(1)).GetAwaiter().GetResult();
        }
        catch (AskTimeoutException)
        {
            // No answer is one of the answers here.
            return null;
        }
    }

    private (ReplicaTicket Ticket, IActorRef Replica) Open(uint epoch, uint session)
    {
        using Answers answers = new();
        _storage.Tell(new OpenReplica(0, _identity, 1, epoch, session), answers);
        ReplicaOpened opened = answers.Next<ReplicaOpened>();
        return (new ReplicaTicket(epoch, session, opened.Incarnation), answers.LastSender!);
    }

    private void Start()
    {
        _disk = new FileDisk(_folder.Path);
        _system = ActorSystem.Create("node1");
        _storage = _system.ActorOf(StorageActor.Props(_disk), "storage");
    }

    private void Stop()
    {
        _system.Terminate().Wait(TimeSpan.FromSeconds(20));
        _disk.Dispose();
    }
}
