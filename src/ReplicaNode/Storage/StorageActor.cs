using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Actors.Supervision;
using Replication.Actors.Watch;
using Replication.Messages;
using Replication.ReplicaNode.Observing;
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
    private readonly IReplicaObserver _observer;

    // By name in ordinal order: nothing is ever decided by the order of a hash table.
    private readonly SortedDictionary<string, VolumePlace> _volumes = new(StringComparer.Ordinal);

    private StorageActor(IDisk disk, IReplicaObserver observer)
    {
        _disk = disk;
        _observer = observer;
    }

    /// <inheritdoc/>
    protected override SupervisorStrategy SupervisorStrategy => SupervisorStrategy.Stopping;

    /// <summary>How to make the storage actor of a node; it is to be named <c>storage</c>.</summary>
    /// <param name="disk">The node's folder. It stays the caller's, who ends it after the actor
    /// system.</param>
    /// <param name="observer">Hears of every request that is answered; null for nobody.</param>
    public static Props Props(IDisk disk, IReplicaObserver? observer = null)
    {
        IReplicaObserver told = observer ?? NoReplicaObserver.Instance;
        return Actors.Props.Create(() => new StorageActor(disk, told)) with { MailboxLabel = new("storage") };
    }

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
            case RetireRefused refused:
                Conclude(_volumes[refused.VolumeName], refused.Failure);
                break;
            case DiskEntryMoved moved:
                OnMoved(moved);
                break;
            case QueryReplicas:
                OnQuery(Sender);
                break;
            case Terminated terminated:
                OnTerminated(terminated.Actor);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnQuery(IActorRef asker)
    {
        IActorRef[] replicas = [.. _volumes.Values.Select(static place => place.Replica).OfType<IActorRef>()];
        Context.ActorOf(Actors.Props.Create(() => new ReplicaStatusCollector(replicas, asker)));
    }

    private void Take(object command, int tag, ReplicaIdentity identity)
    {
        if (ReplicaPaths.Problem(identity) is string problem)
        {
            Sender.Tell(new ReplicaFailed(tag, ReplicaRefusal.BadRequest, Errno.Invalid, problem), Self);
            return;
        }

        if (!_volumes.TryGetValue(identity.VolumeName, out VolumePlace? place))
        {
            place = new VolumePlace(identity.VolumeName);
            _volumes.Add(identity.VolumeName, place);
        }

        if (place.Waiting.Count >= WaitingCountMax)
        {
            const string Reason = "too many requests wait for the volume";
            Sender.Tell(new ReplicaFailed(tag, ReplicaRefusal.Busy, Errno.TryAgain, Reason), Self);
            return;
        }

        place.Waiting.Enqueue(new StorageCommand(command, tag, identity, Sender));
        Proceed(place);
    }

    /// <summary>Carries out what waits, as far as nothing has to be waited for.</summary>
    private void Proceed(VolumePlace place)
    {
        while (place.Current is null && place.Waiting.TryDequeue(out StorageCommand? command))
        {
            switch (command.Message)
            {
                case OpenReplica when place.Replica is not null:
                    place.Replica.Tell(command.Message, command.ReplyTo);
                    break;
                case OpenReplica:
                    place.Current = command;
                    StartChild(place, () => new ReplicaLoader(_disk, command.Identity));
                    break;
                case CreateReplica when place.Replica is not null:
                    const string InUse = "the volume has a replica here already";
                    Answer(command, new ReplicaFailed(command.Tag, ReplicaRefusal.Busy, Errno.Exists, InUse));
                    break;
                case CreateReplica:
                    place.Current = command;
                    StartChild(place, () => new ReplicaCreator(_disk, command.Identity));
                    break;
                case RemoveReplica when ForeignTo(place, command) is ReplicaFailed wrong:
                    Answer(command, wrong);
                    break;
                case RemoveReplica remove when place.Replica is not null:
                    place.Current = command;
                    place.Replica.Tell(new RetireReplica(remove));
                    break;
                case RemoveReplica remove:
                    place.Current = command;
                    StartChild(place, () => new ReplicaLoader(_disk, command.Identity, remove));
                    break;
                default:
                    throw new InvalidOperationException($"no storage takes {command.Message}");
            }
        }

        if (place is { Current: null, Replica: null })
        {
            _volumes.Remove(place.VolumeName);
        }
    }

    /// <summary>Not null when the replica in use is another one than the command names.</summary>
    private static ReplicaFailed? ForeignTo(VolumePlace place, StorageCommand command) =>
        place.Header is null ? null : OpenCheck.IdentityProblem(command.Tag, command.Identity, place.Header);

    private void StartChild(VolumePlace place, Func<Actor> factory)
    {
        place.Worker = Context.ActorOf(Actors.Props.Create(factory));
        Context.Watch(place.Worker);
    }

    private void OnLoadEnded(ReplicaLoadEnded ended)
    {
        VolumePlace place = EndWorker(ended.VolumeName);
        StorageCommand command = place.Current!;
        if (command.Message is RemoveReplica
            && ended.Failure is null or { Refusal: ReplicaRefusal.UnknownVolume })
        {
            // Also what is no replica, and would be in the way of one; where nothing is the disk says so.
            ended.Replica?.Dispose();
            ulong random = Context.System.Options.Ids.NextUInt64();
            _disk.Move(
                ReplicaPaths.Folder(place.VolumeName), ReplicaPaths.Trash(place.VolumeName, random), Self);
            return;
        }

        if (ended.Failure is not null)
        {
            Conclude(place, ended.Failure with { Tag = command.Tag });
            return;
        }

        LoadedReplica replica = ended.Replica!;
        ReplicaIdentity identity = command.Identity;
        Props props = Actors.Props.Create(() => new ReplicaActor(replica, identity, _observer));
        place.Replica =
            Context.ActorOf(props with { MailboxLabel = new("replica", place.VolumeName) });
        place.Header = replica.Sidecar.Header;
        Context.Watch(place.Replica);
        place.Replica.Tell(command.Message, command.ReplyTo);
        place.Current = null;
        Proceed(place);
    }

    private void OnCreateEnded(ReplicaCreateEnded ended)
    {
        VolumePlace place = EndWorker(ended.VolumeName);
        int tag = place.Current!.Tag;
        Conclude(place, ended.Failure is null ? new ReplicaDone(tag) : ended.Failure with { Tag = tag });
    }

    private void OnMoved(DiskEntryMoved moved)
    {
        VolumePlace place = _volumes[moved.From[ReplicaPaths.Folder("").Length..]];
        int tag = place.Current!.Tag;
        Conclude(place, moved.Errno == 0
            ? new ReplicaDone(tag)
            : new ReplicaFailed(
                tag,
                moved.Errno == Errno.NoEntry ? ReplicaRefusal.UnknownVolume : ReplicaRefusal.DiskError,
                moved.Errno,
                $"{moved.From} cannot be moved to {moved.To}: {Errno.Text(moved.Errno)}"));
    }

    private void OnTerminated(IActorRef actor)
    {
        foreach (VolumePlace place in _volumes.Values)
        {
            if (ReferenceEquals(place.Replica, actor))
            {
                OnReplicaEnded(place);
                return;
            }

            if (ReferenceEquals(place.Worker, actor))
            {
                // It ended without a word: it failed, and its supervisor stopped it.
                place.Worker = null;
                int tag = place.Current!.Tag;
                const string Reason = "the work failed on a bug; the log has it";
                Conclude(place, new ReplicaFailed(tag, ReplicaRefusal.DiskError, Errno.InputOutput, Reason));
                return;
            }
        }
    }

    private void OnReplicaEnded(VolumePlace place)
    {
        place.Replica = null;
        place.Header = null;
        if (place.Current is { Message: RemoveReplica remove })
        {
            StartChild(place, () => new ReplicaLoader(_disk, remove.Identity, remove));
        }
        else
        {
            Proceed(place);
        }
    }

    private VolumePlace EndWorker(string volumeName)
    {
        VolumePlace place = _volumes[volumeName];
        Context.Unwatch(place.Worker!);
        place.Worker = null;
        return place;
    }

    private void Conclude(VolumePlace place, ReplicaReply reply)
    {
        Answer(place.Current!, reply);
        place.Current = null;
        Proceed(place);
    }

    private void Answer(StorageCommand command, ReplicaReply reply) => command.ReplyTo.Tell(reply, Self);
}
