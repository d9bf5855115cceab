using Replication.Actors.Mailboxes;

namespace Replication.Actors;

/// <summary>
/// A ref at the edge of the world of actors: what is told runs <see cref="OnMessage"/> at once, on the
/// teller's thread, so it must not block and must be safe from any thread. Sockets' connections and Ask are
/// made of it.
/// </summary>
public abstract class CallbackRef : IActorRef
{
    /// <inheritdoc/>
    public virtual ActorPath Path => new("edge", GetType().Name);

    /// <inheritdoc/>
    public void Tell(object message, IActorRef? sender = null) => OnMessage(message, sender);

    /// <summary>Handles one message, on the thread of whoever sent it; must not throw.</summary>
    protected abstract void OnMessage(object message, IActorRef? sender);
}
