using Replication.Actors.Mailboxes;

namespace Replication.Actors;

/// <summary>What the kernel needs of every ref beyond what users see.</summary>
internal abstract class InternalActorRef : IActorRef
{
    public abstract ActorPath Path { get; }

    public abstract void Tell(object message, IActorRef? sender = null);

    /// <summary>Delivers a message of the kernel's own, ahead of all user messages.</summary>
    internal abstract void TellSystem(SystemMessage message);

    public override string ToString() => Path.ToString();
}
