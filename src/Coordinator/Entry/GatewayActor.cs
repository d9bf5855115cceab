using System.Collections.Immutable;
using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Supervision;
using Replication.Actors.Watch;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Entry;

/// <summary>
/// The entry of a gateway: starts a volume actor for each record in the store, makes new volumes, and answers
/// administrators. Clients' requests go to the volume actors directly.
/// </summary>
public sealed class GatewayActor : Actor
{
    /// <summary>Under this name it is found in its system.</summary>
    public const string Name = "gateway";

    private readonly VolumeSeams _seams;
    private readonly ImmutableArray<string> _nodes;
    private readonly SortedDictionary<string, IActorRef> _volumes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<IActorRef>> _creating = new(StringComparer.Ordinal);
    private readonly List<IActorRef> _closers = [];

    // Made in PreStart: there is no context before.
    private Deletions _deletions = null!;
    private bool _closing;

    private GatewayActor(VolumeSeams seams, ImmutableArray<string> nodes)
    {
        _seams = seams;
        _nodes = nodes;
    }

    /// <summary>
    /// A volume actor that fails on a bug has answered its clients and stays stopped until a restart.
    /// </summary>
    protected override SupervisorStrategy SupervisorStrategy => SupervisorStrategy.Stopping;

    /// <summary>Props of a gateway.</summary>
    /// <param name="seams">What its volumes need.</param>
    /// <param name="nodes">The storage nodes' names, in the order in which new volumes are placed.</param>
    public static Props Props(VolumeSeams seams, IEnumerable<string> nodes)
    {
        ImmutableArray<string> all = [.. nodes];
        return Actors.Props.Create(() => new GatewayActor(seams, all)) with { MailboxLabel = new(Name) };
    }

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _deletions = new Deletions(Context, _seams, _nodes);
        Context.Become(ReceiveLoading);

        // Before the records: what is remembered of a volume without one is of a deleted volume then.
        _seams.Records.Left.ListAsync().PipeTo(Self);
    }

    /// <inheritdoc/>
    protected override void Receive(object message)
    {
        switch (message)
        {
            case CreateVolume create:
                OnCreate(create);
                break;
            case VolumeCreation.Succeeded created:
                OnCreated(created);
                break;
            case VolumeCreation.Refused refused:
                OnNotCreated(refused);
                break;
            case DeleteVolume delete:
                OnDelete(delete);
                break;
            case VolumeDeletion.Ended ended:
                OnDeletionEnded(ended);
                break;
            case ReplicasRemoved:
                // What earlier deletions left: who is asked to make such a volume tries again.
                break;
            case AwaitVolume wait:
                OnAwait(wait);
                break;
            case AddChild add:
                OnAdd(add);
                break;
            case RemoveChild remove:
                PassOn(remove.Volume, remove);
                break;
            case AddExport add:
                PassOn(add.Volume, add);
                break;
            case RemoveExport remove:
                PassOn(remove.Volume, remove);
                break;
            case ReopenVolume reopen:
                OnReopen(reopen);
                break;
            case QueryVolumes:
                IActorRef asker = Sender;
                IActorRef[] volumes = [.. _volumes.Values];
                Context.ActorOf(Actors.Props.Create(() => new StatusCollector(volumes, asker)));
                break;
            case Terminated terminated:
                OnVolumeEnded(terminated.Actor);
                break;
            case CloseGateway:
                OnClose();
                break;
            case VolumeClosed:
                // The volume's end itself is what counts.
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void ReceiveLoading(object message)
    {
        switch (message)
        {
            case LeftReplicaList left:
                _seams.Records.ListAsync().PipeTo(Self, records => new RecordsLoaded(records, left));
                break;
            case RecordsLoaded loaded:
                _deletions.GoOn(loaded.Left, loaded.Records);
                foreach (VolumeLookup lookup in loaded.Records)
                {
                    Load(lookup);
                }

                Context.Become(Receive);
                Context.Stash.UnstashAll();
                break;
            case PipeFailed failed:
                throw new InvalidOperationException(
                    $"the volumes' records cannot be read: {failed.Cause.Message}", failed.Cause);
            default:
                Context.Stash.StashCurrent();
                break;
        }
    }

    private void Load(VolumeLookup lookup)
    {
        if (lookup is VolumeLookup.Found { Entry.Record.Epoch: 0 } interrupted)
        {
            VolumeRecord record = interrupted.Entry.Record;
            Context.System.Log.Info(Name, $"going on with the creation of volume {record.Name}");
            StartCreation(record, interrupted.Entry);
        }
        else if (lookup is VolumeLookup.Found found)
        {
            StartVolume(found.Entry);
        }
        else if (lookup is VolumeLookup.Unreadable unreadable)
        {
            Context.System.Log.Error(Name, $"volume {unreadable.Name} is not started: {unreadable.Reason}");
        }
    }

    private IActorRef StartVolume(VolumeEntry entry)
    {
        string name = entry.Record.Name;
        Props props = VolumeActor.Props(entry, _seams) with { MailboxLabel = new("volume", name) };
        IActorRef volume = Context.ActorOf(props, name);
        _volumes.Add(name, volume);
        Context.Watch(volume);
        return volume;
    }

    private void OnCreate(CreateVolume create)
    {
        string? obstacle = _closing ? "the gateway is closing"
            : _deletions.IsAskedFor(create.Name) ? $"volume '{create.Name}' is being deleted"
            : _volumes.ContainsKey(create.Name) || _creating.ContainsKey(create.Name)
                ? $"volume '{create.Name}' exists already"
            : null;
        if (obstacle is not null)
        {
            Sender.Tell(new AdminRefused(obstacle), Self);
            return;
        }

        RecordChange change = NewVolume.Plan(create, _nodes, Context.System.Options.Ids);
        if (change is RecordChange.Refused refused)
        {
            Sender.Tell(new AdminRefused(refused.Reason), Self);
            return;
        }

        StartCreation(((RecordChange.Allowed)change).Record, entry: null);
        _creating[create.Name].Add(Sender);
    }

    private void StartCreation(VolumeRecord record, VolumeEntry? entry)
    {
        _creating.Add(record.Name, []);
        IActorRef self = Self;
        Context.ActorOf(Actors.Props.Create(() => new VolumeCreation(record, entry, _seams, _nodes, self)));
    }

    private void OnCreated(VolumeCreation.Succeeded created)
    {
        string name = created.Entry.Record.Name;
        _creating.Remove(name, out List<IActorRef>? waiting);
        if (_closing || !_deletions.IsAskedFor(name))
        {
            TellOf(created.Entry.Record);
        }

        if (_closing)
        {
            // A volume started now would be closed by nobody.
            waiting!.ForEach(asker => asker.Tell(
                new AdminRefused("the gateway is closing: the volume is there from its next start"), Self));
            _deletions.End(name, new AdminRefused("the gateway is closing"));
        }
        else if (_deletions.IsAskedFor(name))
        {
            Unmake(name, waiting!, $"volume '{name}' was deleted while it was being made");
        }
        else
        {
            IActorRef volume = StartVolume(created.Entry);
            waiting!.ForEach(asker => AwaitReady(volume, asker));
        }
    }

    private void TellOf(VolumeRecord created) => Context.System.EventStream.Publish(new VolumeCreated(
        Context.System.Options.Time.GetUtcNow(),
        created.Name,
        created.SizeBytes,
        created.Options.Threshold,
        [
            .. created.Children.Select(child =>
                new CreatedChild(child.Name, child.NodeNameIn(created.Name), child.Node)),
        ]));

    private void OnNotCreated(VolumeCreation.Refused refused)
    {
        string name = refused.Name;
        Context.System.Log.Warning(Name, $"volume {name} was not made: {refused.Reason}");
        _creating.Remove(name, out List<IActorRef>? waiting);
        if (!_closing && (refused.IsRecorded || _deletions.IsAskedFor(name)))
        {
            Unmake(name, waiting!, refused.Reason);
        }
        else
        {
            waiting!.ForEach(asker => asker.Tell(new AdminRefused(refused.Reason), Self));
            _deletions.End(name, new AdminRefused("the gateway is closing"));
        }
    }

    /// <summary>What there is of a volume goes before those who waited for it are told.</summary>
    private void Unmake(string name, List<IActorRef> waiting, string reason)
    {
        waiting.ForEach(asker => _deletions.Add(name, asker, new AdminRefused(reason)));
        _deletions.BeginUnmade(name);
    }

    private void OnDelete(DeleteVolume delete)
    {
        if (_closing || NameRule.Error(delete.Name) is not null)
        {
            Sender.Tell(
                new AdminRefused(
                    _closing ? "the gateway is closing" : $"there is no volume '{delete.Name}'"), Self);
            return;
        }

        _deletions.Add(delete.Name, Sender);
        if (!_creating.ContainsKey(delete.Name))
        {
            // Also one whose actor has failed: what counts is its record.
            _deletions.Begin(delete.Name, _volumes.GetValueOrDefault(delete.Name));
        }
    }

    private void OnDeletionEnded(VolumeDeletion.Ended ended)
    {
        if (ended.Restored is not null && !_closing)
        {
            StartVolume(ended.Restored);
        }

        _deletions.End(ended.Name, ended.Answer);
        TellClosersWhenDone();
    }

    private void OnAwait(AwaitVolume wait)
    {
        if (_volumes.TryGetValue(wait.Name, out IActorRef? volume))
        {
            AwaitReady(volume, Sender);
        }
        else if (_creating.TryGetValue(wait.Name, out List<IActorRef>? waiting))
        {
            waiting.Add(Sender);
        }
        else
        {
            Sender.Tell(new AdminRefused($"there is no volume '{wait.Name}'"), Self);
        }
    }

    private void OnAdd(AddChild add)
    {
        if (_nodes.Contains(add.Node))
        {
            PassOn(add.Volume, add);
            return;
        }

        Sender.Tell(
            new AdminRefused(
                $"there is no storage node '{add.Node}'; there are {string.Join(", ", _nodes)}"), Self);
    }

    private void OnReopen(ReopenVolume reopen)
    {
        if (_volumes.TryGetValue(reopen.Name, out IActorRef? volume))
        {
            volume.Tell(reopen, new ReadyRelay(Sender));
        }
        else
        {
            Sender.Tell(new AdminRefused($"there is no volume '{reopen.Name}'"), Self);
        }
    }

    /// <summary>The volume itself answers.</summary>
    private void PassOn(string volumeName, object command)
    {
        if (_volumes.TryGetValue(volumeName, out IActorRef? volume))
        {
            Context.Forward(volume, command);
        }
        else
        {
            Sender.Tell(new AdminRefused($"there is no volume '{volumeName}'"), Self);
        }
    }

    private static void AwaitReady(IActorRef volume, IActorRef asker) =>
        volume.Tell(new AwaitOpening(), new ReadyRelay(asker));

    private void OnVolumeEnded(IActorRef volume)
    {
        string? name = _volumes.FirstOrDefault(entry => entry.Value.Equals(volume)).Key;
        if (name is not null)
        {
            _volumes.Remove(name);
        }

        TellClosersWhenDone();
    }

    private void OnClose()
    {
        _closing = true;
        _closers.Add(Sender);
        foreach (IActorRef volume in _volumes.Values)
        {
            volume.Tell(new CloseVolume(), Self);
        }

        TellClosersWhenDone();
    }

    private void TellClosersWhenDone()
    {
        if (!_closing || _volumes.Count > 0 || _deletions.IsAnyUnderWay)
        {
            return;
        }

        foreach (IActorRef closer in _closers)
        {
            closer.Tell(new GatewayClosed(), Self);
        }

        _closers.Clear();
    }

    private sealed record RecordsLoaded(IReadOnlyList<VolumeLookup> Records, LeftReplicaList Left);

    /// <summary>Turns a volume's status into the answer that an administrator waits for.</summary>
    private sealed class ReadyRelay(IActorRef asker) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) =>
            asker.Tell(message is VolumeStatus status ? new VolumeReady(status) : message, sender);
    }
}
