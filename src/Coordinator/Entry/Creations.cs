using System.Collections.Immutable;
using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Entry;

/// <summary>
/// The volumes of a gateway that are being made, and who waits for them: one that is made is started, one
/// that cannot be made is taken apart before anybody is told, so that it is not there again at the next
/// start. Runs within the gateway's actor.
/// </summary>
internal sealed class Creations(
    IActorContext gateway,
    VolumeSeams seams,
    ImmutableArray<string> nodes,
    RunningVolumes running,
    Deletions deletions)
{
    private readonly Dictionary<string, List<IActorRef>> _waiting = new(StringComparer.Ordinal);

    // The actors of those that an earlier gateway began, and how they stand once they have to wait.
    private readonly SortedDictionary<string, (IActorRef Actor, VolumeStatus? Delayed)> _interrupted =
        new(StringComparer.Ordinal);

    private bool _isClosing;

    /// <summary>
    /// Those that an earlier gateway began: each answers for its volume's status. And what they said when
    /// they had to wait.
    /// </summary>
    internal IEnumerable<(IActorRef Actor, VolumeStatus? LastKnown)> Interrupted => _interrupted.Values;

    /// <summary>Nothing is begun or started from now on.</summary>
    internal void Close()
    {
        _isClosing = true;
        foreach ((IActorRef actor, _) in _interrupted.Values)
        {
            actor.Tell(new VolumeCreation.WaitNoLonger(), gateway.Self);
        }
    }

    internal bool IsUnderWay(string name) => _waiting.ContainsKey(name);

    /// <summary>Somebody asks for a new volume.</summary>
    internal void Begin(CreateVolume create, IActorRef asker)
    {
        string? obstacle = _isClosing ? "the gateway is closing"
            : deletions.IsAskedFor(create.Name) ? $"volume '{create.Name}' is being deleted"
            : running.Contains(create.Name) || IsUnderWay(create.Name)
                ? $"volume '{create.Name}' exists already"
            : null;
        if (obstacle is not null)
        {
            asker.Tell(new AdminRefused(obstacle), gateway.Self);
            return;
        }

        RecordChange change = NewVolume.Plan(create, nodes, gateway.System.Options.Ids);
        if (change is RecordChange.Refused refused)
        {
            asker.Tell(new AdminRefused(refused.Reason), gateway.Self);
            return;
        }

        _ = Start(((RecordChange.Allowed)change).Record, entry: null);
        _waiting[create.Name].Add(asker);
    }

    /// <summary>Goes on with a creation that an earlier gateway did not end.</summary>
    internal void GoOn(VolumeEntry interrupted)
    {
        VolumeRecord record = interrupted.Record;
        gateway.System.Log.Info(
            GatewayActor.Name, $"going on with the creation of volume {record.Name}");
        _interrupted.Add(record.Name, (Start(record, interrupted), null));
    }

    /// <summary>
    /// A deletion of it is asked for: it comes as soon as the creation has ended, which waits for nobody any
    /// more. False when no such volume is being made.
    /// </summary>
    internal bool TryEnd(string name)
    {
        if (_interrupted.TryGetValue(name, out (IActorRef Actor, VolumeStatus? Delayed) interrupted))
        {
            interrupted.Actor.Tell(new VolumeCreation.WaitNoLonger(), gateway.Self);
        }

        return IsUnderWay(name);
    }

    /// <summary>Has who asks told of the outcome; false when no such volume is being made.</summary>
    internal bool TryAwait(string name, IActorRef asker)
    {
        if (!_waiting.TryGetValue(name, out List<IActorRef>? waiting))
        {
            return false;
        }

        if (_interrupted.TryGetValue(name, out (IActorRef Actor, VolumeStatus? Delayed) interrupted)
            && interrupted.Delayed is { } status)
        {
            asker.Tell(new VolumeReady(status), gateway.Self);
        }
        else
        {
            waiting.Add(asker);
        }

        return true;
    }

    /// <summary>
    /// An interrupted creation waits for nodes: as with an opening that waits, who asked is told how it
    /// stands.
    /// </summary>
    internal void OnDelayed(VolumeCreation.Delayed delayed)
    {
        string name = delayed.Status.Name;
        if (_interrupted.TryGetValue(name, out (IActorRef Actor, VolumeStatus? Delayed) interrupted))
        {
            _interrupted[name] = interrupted with { Delayed = delayed.Status };
            _waiting[name].ForEach(asker => asker.Tell(new VolumeReady(delayed.Status), gateway.Self));
            _waiting[name].Clear();
        }
    }

    internal void OnSucceeded(VolumeCreation.Succeeded made)
    {
        VolumeRecord record = made.Entry.Record;
        string name = record.Name;
        List<IActorRef> waiting = End(name);
        if (_isClosing)
        {
            // A volume started now would be closed by nobody.
            TellOf(record);
            waiting.ForEach(asker => Refuse(
                asker, "the gateway is closing: the volume is there from its next start"));
            deletions.End(name, new AdminRefused("the gateway is closing"));
        }
        else if (deletions.IsAskedFor(name))
        {
            Unmake(name, record.Id, waiting, $"volume '{name}' was deleted while it was being made");
        }
        else
        {
            TellOf(record);
            running.Start(made.Entry);
            waiting.ForEach(asker => running.AwaitReady(name, asker));
        }
    }

    /// <summary>
    /// Nothing of it is made, and nothing taken apart: it is shown as a volume whose opening a replica
    /// refused for that, until the gateway starts with the right store.
    /// </summary>
    internal void OnStoreIsOlder(VolumeCreation.StoreIsOlder older)
    {
        string name = older.Entry.Record.Name;
        List<IActorRef> waiting = End(name);
        if (_isClosing)
        {
            waiting.ForEach(asker => Refuse(asker, older.Reason));
            deletions.End(name, new AdminRefused("the gateway is closing"));
            return;
        }

        IActorRef volume = running.Start(older.Entry, older.Reason);
        waiting.ForEach(asker => running.AwaitReady(name, asker));
        if (deletions.IsAskedFor(name))
        {
            deletions.Begin(name, volume);
        }
    }

    internal void OnRefused(VolumeCreation.Refused refused)
    {
        string name = refused.Name;
        gateway.System.Log.Warning(GatewayActor.Name, $"volume {name} was not made: {refused.Reason}");
        List<IActorRef> waiting = End(name);
        if (!_isClosing && (refused.RecordedAs is not null || deletions.IsAskedFor(name)))
        {
            Unmake(name, refused.RecordedAs, waiting, refused.Reason);
            return;
        }

        string reason = refused.RecordedAs is null
            ? refused.Reason
            : $"{refused.Reason}; the gateway is closing: its next start goes on with what is recorded";
        waiting.ForEach(asker => Refuse(asker, reason));
        deletions.End(name, new AdminRefused("the gateway is closing"));
    }

    /// <summary>It is not being made any more; these wait for it.</summary>
    private List<IActorRef> End(string name)
    {
        _interrupted.Remove(name);
        _waiting.Remove(name, out List<IActorRef>? waiting);
        return waiting!;
    }

    private IActorRef Start(VolumeRecord record, VolumeEntry? entry)
    {
        _waiting.Add(record.Name, []);
        IActorRef self = gateway.Self;
        return gateway.ActorOf(Props.Create(() => new VolumeCreation(record, entry, seams, nodes, self)));
    }

    /// <summary>What there is of a volume goes before those who waited for it are told.</summary>
    private void Unmake(string name, Guid? id, List<IActorRef> waiting, string reason)
    {
        waiting.ForEach(asker => deletions.Add(name, asker, instead: reason));
        deletions.BeginUnmade(name, id);
    }

    private void TellOf(VolumeRecord made) => gateway.System.EventStream.Publish(new VolumeCreated(
        gateway.System.Options.Time.GetUtcNow(),
        made.Name,
        made.SizeBytes,
        made.Options.Threshold,
        [
            .. made.Children.Select(child =>
                new CreatedChild(child.Name, child.NodeNameIn(made.Name), child.Node)),
        ]));

    private void Refuse(IActorRef asker, string reason) => asker.Tell(new AdminRefused(reason), gateway.Self);
}
