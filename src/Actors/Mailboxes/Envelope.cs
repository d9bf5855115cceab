namespace Replication.Actors.Mailboxes;

/// <summary>A message on its way, and a link of the queue it waits in.</summary>
internal sealed class Envelope(object message, IActorRef? sender)
{
    internal Envelope? Next;

    internal object Message { get; private set; } = message;

    internal IActorRef? Sender { get; private set; } = sender;

    /// <summary>Frees what the envelope holds: the queue keeps the last taken envelope as its stub.</summary>
    internal void Clear()
    {
        Message = null!;
        Sender = null;
    }
}
