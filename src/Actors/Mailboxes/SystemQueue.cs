namespace Replication.Actors.Mailboxes;

/// <summary>Few messages, many producers: a stack that its consumer takes whole and turns round.</summary>
internal sealed class SystemQueue
{
    private SystemMessage? _top;

    internal bool IsEmpty => Volatile.Read(ref _top) is null;

    internal void Enqueue(SystemMessage message)
    {
        SystemMessage? top;
        do
        {
            top = Volatile.Read(ref _top);
            message.Next = top;
        }
        while (Interlocked.CompareExchange(ref _top, message, top) != top);
    }

    /// <summary>All that waits, oldest first, linked by Next; null when nothing does.</summary>
    internal SystemMessage? TakeAll()
    {
        SystemMessage? newest = Interlocked.Exchange(ref _top, null);
        SystemMessage? oldest = null;
        while (newest is not null)
        {
            SystemMessage? next = newest.Next;
            newest.Next = oldest;
            oldest = newest;
            newest = next;
        }

        return oldest;
    }
}
