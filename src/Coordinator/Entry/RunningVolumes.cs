using Replication.Actors;
using Replication.Actors.Watch;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Entry;

/// <summary>
/// The actors of a gateway's volumes, by the volumes' names in ordinal order. A name is taken until the
/// gateway has heard that its actor ended. Runs within the gateway's actor.
/// </summary>
internal sealed class RunningVolumes(IActorContext gateway, VolumeSeams seams)
{
    /// <summary>Commands that one gateway's volumes may owe an answer to; one more is refused.</summary>
    private const int OwedMax = 65_536;

    private readonly SortedDictionary<string, IActorRef> _actors = new(StringComparer.Ordinal);

    private readonly Dictionary<string, VolumeStatus> _lastKnown = new(StringComparer.Ordinal);

    // What was passed on, by a number of its own, until the volume has answered.
    private readonly SortedDictionary<long, (string Volume, IActorRef Asker)> _owed = [];
    private long _passedOn;

    internal bool IsEmpty => _actors.Count == 0;

    /// <summary>Every volume's actor, and how the volume was last.</summary>
    internal IEnumerable<(IActorRef Actor, VolumeStatus? LastKnown)> All =>
        _actors.Select(volume => (volume.Value, (VolumeStatus?)_lastKnown[volume.Key]));

    internal bool Contains(string name) => _actors.ContainsKey(name);

    internal IActorRef? Find(string name) => _actors.GetValueOrDefault(name);

    /// <param name="entry">The volume's record.</param>
    /// <param name="refusal">Why it is not opened but only shown; null: it is opened.</param>
    internal IActorRef Start(VolumeEntry entry, string? refusal = null)
    {
        string name = entry.Record.Name;
        Props props = VolumeActor.Props(entry, seams, refusal) with { MailboxLabel = new("volume", name) };
        IActorRef volume = gateway.ActorOf(props, name);
        _actors.Add(name, volume);
        _lastKnown[name] = VolumeStatus.Of(entry.Record);
        gateway.Watch(volume);
        return volume;
    }

    /// <summary>
    /// An actor has ended: the name of its volume, which is free now; null for any other actor.
    /// </summary>
    internal string? OnEnded(Terminated ended)
    {
        string? name = _actors.FirstOrDefault(entry => entry.Value.Equals(ended.Actor)).Key;
        if (name is not null)
        {
            _actors.Remove(name);
            RefuseOwed(name);
            _lastKnown.Remove(name);
        }

        return name;
    }

    /// <summary>
    /// Has a volume answer an administrator. One that ends before it has, or had ended when the command was
    /// on its way to it, answers nobody: whoever waits is told so once the gateway hears of the end.
    /// </summary>
    internal void PassOn(string name, object command, IActorRef asker)
    {
        IActorRef self = gateway.Self;
        if (_owed.Count >= OwedMax)
        {
            asker.Tell(new AdminRefused("too many commands wait for volumes"), self);
            return;
        }

        long number = ++_passedOn;
        _owed.Add(number, (name, asker));
        _actors[name].Tell(
            command, new AnswerRelay(asker, () => self.Tell(new VolumeAnswered(number), self)));
    }

    /// <summary>A volume has answered an administrator; it says so before its end.</summary>
    internal void OnAnswered(VolumeAnswered answered) => _owed.Remove(answered.Number);

    /// <summary>Keeps what volumes said of themselves, for when they do not answer.</summary>
    internal void Remember(VolumeList list)
    {
        foreach (VolumeStatus status in list.Volumes.Where(static volume => volume.Answers))
        {
            if (_lastKnown.TryGetValue(status.Name, out VolumeStatus? last) && last.Id == status.Id)
            {
                _lastKnown[status.Name] = status;
            }
        }
    }

    internal void CloseAll()
    {
        foreach (IActorRef volume in _actors.Values)
        {
            volume.Tell(new CloseVolume(), gateway.Self);
        }
    }

    /// <summary>Has who asks told VolumeReady once a volume's opening is settled.</summary>
    internal void AwaitReady(string name, IActorRef asker) => PassOn(name, new AwaitOpening(), asker);

    private void RefuseOwed(string name)
    {
        const string Outcome = "it may have carried the command out";
        foreach ((long number, (_, IActorRef asker)) in
            _owed.Where(owed => owed.Value.Volume == name).ToArray())
        {
            _owed.Remove(number);
            asker.Tell(
                new AdminRefused($"volume '{name}' has ended before it answered: {Outcome}"), gateway.Self);
        }
    }

    /// <summary>
    /// Passes a volume's answer on, its status as what an administrator waits for, and the news that it came
    /// to the gateway, which hears of that before it hears of the volume's end.
    /// </summary>
    private sealed class AnswerRelay(IActorRef asker, Action answered) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender)
        {
            answered();
            asker.Tell(message is VolumeStatus status ? new VolumeReady(status) : message, sender);
        }
    }
}

/// <summary>A command that was passed on to a volume has its answer.</summary>
internal sealed record VolumeAnswered(long Number);
