namespace Replication.Actors.Mailboxes;

/// <summary>
/// The stash of one cell: what is put aside, and what was put back and waits in front of the mailbox.
/// </summary>
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
            throw new InvalidOperationException(
                $"the stash of {cell.Self.Path} is full at {IStash.CapacityMax} messages");
        }

        _aside.Enqueue((cell.CurrentMessage, cell.CurrentSender));
    }

    public void UnstashAll()
    {
        // What is aside was taken before what still waits to be taken again: it goes in front of that.
        int waiting = _back.Count;
        while (_aside.TryDequeue(out (object Message, IActorRef? Sender) entry))
        {
            _back.Enqueue(entry);
        }

        for (; waiting > 0; waiting--)
        {
            _back.Enqueue(_back.Dequeue());
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
