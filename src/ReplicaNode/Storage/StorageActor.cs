using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Actors.Supervision;
using Replication.Actors.Watch;
using Replication.Messages;
using Replication.ReplicaNode.Replicas;

namespace Replication.ReplicaNode.Storage;

/// <summary>
/// A node's storage, at <c>user/storage</c>: makes, opens and removes replicas, one for a volume. What is
/// asked of a volume while its files are being opened, made or moved waits its turn. A replica in use is an
/// actor of its own, to which opens are passed on; one that fails on a bug is stopped, and the next open
/// loads its files anew.
/// </summary>
public sealed class StorageActor : Actor
{
    /// <summary>Requests that may wait for one volume; one more is answered Busy.</summary>
    public const int WaitingCountMax = 64;

    private readonly IDisk _disk;

    // By name in ordinal order: nothing is ever decided by the order of a hash table.
    private readonly SortedDictionary<string, VolumeEntry> _volumes = new(StringComparer.Ordinal);

    private StorageActor(IDisk disk) => _disk = disk;

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy => SupervisorStrategy.Stopping;

    /// <summary>How to make the storage actor of a node; it is to be named <c>storage</c>.</summary>
    /// <param name="disk">The node's folder. It stays the caller's, who ends it after the actor
    /// system.</param>
    public static Props Props(IDisk disk) => Actors.Props.Create(() => new StorageActor(disk));

    /// <inheritdoc/>
    protected override void Receive(object message)
    {
        switch (message)
        {
            case OpenReplica open:
                Take(open, open.Tag, open.Identity);
                break;
            case CreateReplica create:
                Take(create, create.Tag, create.Identity);
                break;
            case RemoveReplica remove:
                Take(remove, remove.Tag, remove.Identity);
                break;
            case ReplicaLoadEnded ended:
                OnLoadEnded(ended);
                break;
            case ReplicaCreateEnded ended:
                OnCreateEnded(ended);
                break;
            case DiskEntryMoved moved:
                OnMoved(moved);
                break;
            case Terminated terminated:
                OnTerminated(terminated.Actor);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Take(object command, int tag, ReplicaIdentity identity)
    {
        if (ReplicaPaths.Problem(identity) is string problem)
        {
            Sender.Tell(new ReplicaFailed(tag, ReplicaRefusal.BadRequest, Errno.Invalid, problem), Self);
            return;
        }

        if (!_volumes.TryGetValue(identity.VolumeName, out VolumeEntry? entry))
        {
            entry = new VolumeEntry(identity.VolumeName);
            _volumes.Add(identity.VolumeName, entry);
        }

        if (entry.Waiting.Count >= WaitingCountMax)
        {
            const string Reason = "too many requests wait for the volume";
            Sender.Tell(new ReplicaFailed(tag, ReplicaRefusal.Busy, Errno.TryAgain, Reason), Self);
            return;
        }

        entry.Waiting.Enqueue(new StorageCommand(command, tag, identity, Sender));
        Proceed(entry);
    }

    /// <summary>Carries out what waits, as far as nothing has to be waited for.</summary>
    private void Proceed(VolumeEntry entry)
    {
        while (entry.Current is null && entry.Waiting.TryDequeue(out StorageCommand? command))
        {
            switch (command.Message)
            {
                case OpenReplica when entry.Replica is not null:
                    entry.Replica.Tell(command.Message, command.ReplyTo);
                    break;
                case OpenReplica:
                    entry.Current = command;
                    StartChild(entry, () => new ReplicaLoader(_disk, command.Identity, idsOnly: false));
                    break;
                case CreateReplica when entry.Replica is not null:
                    const string InUse = "the volume has a replica here already";
                    Answer(command, new ReplicaFailed(command.Tag, ReplicaRefusal.Busy, Errno.Exists, InUse));
                    break;
                case CreateReplica:
                    entry.Current = command;
                    StartChild(entry, () => new ReplicaCreator(_disk, command.Identity));
                    break;
                case RemoveReplica when ForeignTo(entry, command) is ReplicaFailed wrong:
                    Answer(command, wrong);
                    break;
                case RemoveReplica when entry.Replica is not null:
                    entry.Current = command;
                    entry.Replica.Tell(RetireReplica.Instance);
                    break;
                default:
                    entry.Current = command;
                    StartChild(entry, () => new ReplicaLoader(_disk, command.Identity, idsOnly: true));
                    break;
            }
        }

        if (entry is { Current: null, Replica: null })
        {
            _volumes.Remove(entry.VolumeName);
        }
    }

    /// <summary>Not null when the replica in use is another one than the command names.</summary>
    private static ReplicaFailed? ForeignTo(VolumeEntry entry, StorageCommand command) =>
        entry.Header is null ? null : OpenCheck.IdentityProblem(command.Tag, command.Identity, entry.Header);

    private void StartChild(VolumeEntry entry, Func<Actor> factory)
    {
        entry.Worker = Context.ActorOf(Actors.Props.Create(factory));
        Context.Watch(entry.Worker);
    }

    private void OnLoadEnded(ReplicaLoadEnded ended)
    {
        VolumeEntry entry = EndWorker(ended.VolumeName);
        StorageCommand command = entry.Current!;
        if (ended.Failure is not null)
        {
            Conclude(entry, ended.Failure with { Tag = command.Tag });
            return;
        }

        LoadedReplica replica = ended.Replica!;
        if (command.Message is RemoveReplica)
        {
            replica.Dispose();
            ulong random = Context.System.Options.Ids.NextUInt64();
            _disk.Move(
                ReplicaPaths.Folder(entry.VolumeName), ReplicaPaths.Trash(entry.VolumeName, random), Self);
            return;
        }

        entry.Replica = Context.ActorOf(Actors.Props.Create(() => new ReplicaActor(replica)));
        entry.Header = replica.Sidecar.Header;
        Context.Watch(entry.Replica);
        entry.Replica.Tell(command.Message, command.ReplyTo);
        entry.Current = null;
        Proceed(entry);
    }

    private void OnCreateEnded(ReplicaCreateEnded ended)
    {
        VolumeEntry entry = EndWorker(ended.VolumeName);
        int tag = entry.Current!.Tag;
        Conclude(entry, ended.Failure is null ? new ReplicaDone(tag) : ended.Failure with { Tag = tag });
    }

    private void OnMoved(DiskEntryMoved moved)
    {
        VolumeEntry entry = _volumes[moved.From[ReplicaPaths.Folder("").Length..]];
        int tag = entry.Current!.Tag;
        Conclude(entry, moved.Errno == 0
            ? new ReplicaDone(tag)
            : new ReplicaFailed(
                tag,
                ReplicaRefusal.DiskError,
                moved.Errno,
                $"{moved.From} cannot be moved to {moved.To}: {Errno.Text(moved.Errno)}"));
    }

    private void OnTerminated(IActorRef actor)
    {
        foreach (VolumeEntry entry in _volumes.Values)
        {
            if (ReferenceEquals(entry.Replica, actor))
            {
                OnReplicaEnded(entry);
                return;
            }

            if (ReferenceEquals(entry.Worker, actor))
            {
                // It ended without a word: it failed, and its supervisor stopped it.
                entry.Worker = null;
                int tag = entry.Current!.Tag;
                const string Reason = "the work failed on a bug; the log has it";
                Conclude(entry, new ReplicaFailed(tag, ReplicaRefusal.DiskError, Errno.InputOutput, Reason));
                return;
            }
        }
    }

    private void OnReplicaEnded(VolumeEntry entry)
    {
        entry.Replica = null;
        entry.Header = null;
        if (entry.Current is { Message: RemoveReplica } remove)
        {
            StartChild(entry, () => new ReplicaLoader(_disk, remove.Identity, idsOnly: true));
        }
        else
        {
            Proceed(entry);
        }
    }

    private VolumeEntry EndWorker(string volumeName)
    {
        VolumeEntry entry = _volumes[volumeName];
        Context.Unwatch(entry.Worker!);
        entry.Worker = null;
        return entry;
    }

    private void Conclude(VolumeEntry entry, ReplicaReply reply)
    {
        Answer(entry.Current!, reply);
        entry.Current = null;
        Proceed(entry);
    }

    private void Answer(StorageCommand command, ReplicaReply reply) => command.ReplyTo.Tell(reply, Self);
}
