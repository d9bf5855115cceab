using System.Collections.Immutable;
using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Supervision;
using Replication.Actors.Watch;
using Replication.Cluster.Records;
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
    private readonly List<IActorRef> _closers = [];

    // Made in PreStart: there is no context before.
    private RunningVolumes _volumes = null!;
    private Creations _creations = null!;
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
        _volumes = new RunningVolumes(Context, _seams);
        _deletions = new Deletions(Context, _seams, _nodes, _volumes);
        _creations = new Creations(Context, _seams, _nodes, _volumes, _deletions);
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
                _creations.Begin(create, Sender);
                break;
            case VolumeCreation.Succeeded made:
                _creations.OnSucceeded(made);
                break;
            case VolumeCreation.Refused refused:
                _creations.OnRefused(refused);
                break;
            case VolumeCreation.Delayed delayed:
                _creations.OnDelayed(delayed);
                break;
            case VolumeCreation.StoreIsOlder older:
                _creations.OnStoreIsOlder(older);
                break;
            case DeleteVolume delete:
                OnDelete(delete);
                break;
            case VolumeDeletion.Ended ended:
                _deletions.OnEnded(ended);
                TellClosersWhenDone();
                break;
            case ReplicasRemoved or MarkDropped or PipeFailed:
                // What earlier deletions left: tried again by a new volume of the name, or the next start.
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
                PassOn(reopen.Name, reopen);
                break;
            case QueryVolumes:
                CollectStatuses(Sender);
                break;
            case VolumeAnswered answered:
                _volumes.OnAnswered(answered);
                break;
            case VolumeList collected:
                _volumes.Remember(collected);
                break;
            case Terminated terminated:
                OnVolumeEnded(terminated);
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
            _creations.GoOn(interrupted.Entry);
        }
        else if (lookup is VolumeLookup.Found found)
        {
            _volumes.Start(found.Entry);
        }
        else if (lookup is VolumeLookup.Unreadable unreadable)
        {
            Context.System.Log.Error(Name, $"volume {unreadable.Name} is not started: {unreadable.Reason}");
        }
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
        if (!_creations.TryEnd(delete.Name))
        {
            // Also one whose actor has failed: what counts is its record.
            _deletions.Begin(delete.Name, _volumes.Find(delete.Name));
        }
    }

    private void OnAwait(AwaitVolume wait)
    {
        if (_volumes.Contains(wait.Name))
        {
            _volumes.AwaitReady(wait.Name, Sender);
        }
        else if (!_creations.TryAwait(wait.Name, Sender))
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

    private void CollectStatuses(IActorRef asker)
    {
        (IActorRef Actor, VolumeStatus? LastKnown)[] volumes = [.. _volumes.All, .. _creations.Interrupted];
        Context.ActorOf(Actors.Props.Create(() => new StatusCollector(volumes, asker)));
    }

    /// <summary>The volume itself answers.</summary>
    private void PassOn(string volumeName, object command)
    {
        if (_volumes.Contains(volumeName))
        {
            _volumes.PassOn(volumeName, command, Sender);
        }
        else
        {
            Sender.Tell(
                new AdminRefused(
                    _creations.IsUnderWay(volumeName)
                        ? $"volume '{volumeName}' is being made"
                        : $"there is no volume '{volumeName}'"), Self);
        }
    }

    private void OnVolumeEnded(Terminated terminated)
    {
        if (_volumes.OnEnded(terminated) is { } name)
        {
            _deletions.OnVolumeEnded(name);
        }

        TellClosersWhenDone();
    }

    private void OnClose()
    {
        _closing = true;
        _closers.Add(Sender);
        _creations.Close();
        _deletions.Close();
        _volumes.CloseAll();
        TellClosersWhenDone();
    }

    private void TellClosersWhenDone()
    {
        if (!_closing || !_volumes.IsEmpty || _deletions.IsAnyUnderWay)
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
}
