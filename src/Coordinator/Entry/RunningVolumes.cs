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
    private readonly SortedDictionary<string, IActorRef> _actors = new(StringComparer.Ordinal);

    internal bool IsEmpty => _actors.Count == 0;

    internal IActorRef[] All => [.. _actors.Values];

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
        }

        return name;
    }

    internal void CloseAll()
    {
        foreach (IActorRef volume in _actors.Values)
        {
            volume.Tell(new CloseVolume(), gateway.Self);
        }
    }

    /// <summary>Has who asks told VolumeReady once a volume's opening is settled.</summary>
    internal static void AwaitReady(IActorRef volume, IActorRef asker) =>
        volume.Tell(new AwaitOpening(), new ReadyRelay(asker));

    /// <summary>Turns a volume's status into the answer that an administrator waits for.</summary>
    internal sealed class ReadyRelay(IActorRef asker) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) =>
            asker.Tell(message is VolumeStatus status ? new VolumeReady(status) : message, sender);
    }
}
