namespace Replication.Actors.Mailboxes;

/// <summary>The stash of one cell: what is put aside, and what was put back and waits in front of the mailbox.</summary>
internal sealed class Stash(ActorCell cell) : IStash
{
    private readonly Queue<(object Message, IActorRef? Sender)> _aside = new();
    private readonly Queue<(object Message, IActorRef? Sender)> _back = new();

    public int Count => _aside.Count;

    internal bool HasBack => _back.Count > 0;

    public void StashCurrent()
    {
        if (_aside.Count >= IStash.CapacityMax)
        {
            throw new InvalidOperationException($"the stash of {cell.Self.Path} is full at {IStash.CapacityMax} messages");
        }

        _aside.Enqueue((cell.CurrentMessage, cell.CurrentSender));
    }

    public void UnstashAll()
    {
        // What was put back earlier and not yet taken is older than what is aside only if it was never taken:
        // appending keeps the order in which messages came.
        while (_aside.TryDequeue(out (object Message, IActorRef? Sender) entry))
        {
            _back.Enqueue(entry);
        }
    }

    internal bool TryTakeBack(out object message, out IActorRef? sender)
    {
        if (_back.TryDequeue(out (object Message, IActorRef? Sender) entry))
        {
            (message, sender) = entry;
            return true;
        }

        message = null!;
        sender = null;
        return false;
    }
}
