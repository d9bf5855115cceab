namespace Replication.Actors.Mailboxes;

/// <summary>
/// Many producers, one consumer, no lock: a linked list whose producers swap themselves in at the head
/// (Dmitry Vyukov's non-intrusive MPSC queue). Enqueue is two exchanges.
/// </summary>
internal sealed class MessageQueue
{
    private Envelope _head;
    private Envelope _tail;

    internal MessageQueue()
    {
        Envelope stub = new(string.Empty, sender: null);
        _head = stub;
        _tail = stub;
    }

    /// <summary>
    /// Consumer's view. A producer between its exchange and its store is not seen: it schedules afterwards.
    /// </summary>
    internal bool IsEmpty => Volatile.Read(ref _tail.Next) is null;

    internal void Enqueue(Envelope envelope)
    {
        Envelope previous = Interlocked.Exchange(ref _head, envelope);

        // A full fence, not a release: the producer reads the mailbox's status next. Were that read to
        // overtake this store, it could see "scheduled" while the consumer, going idle, sees an empty queue:
        // nobody would run it.
        Interlocked.Exchange(ref previous.Next, envelope);
    }

    /// <summary>Takes the oldest message; consumer only.</summary>
    internal bool TryDequeue(out object message, out IActorRef? sender)
    {
        Envelope? next = Volatile.Read(ref _tail.Next);
        if (next is null)
        {
            message = null!;
            sender = null;
            return false;
        }

        message = next.Message;
        sender = next.Sender;
        next.Clear();
        _tail = next;
        return true;
    }
}
