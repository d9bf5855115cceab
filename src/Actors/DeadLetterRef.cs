using Replication.Actors.Mailboxes;

namespace Replication.Actors;

/// <summary>A ref that stands for nobody: what it is told is published as a dead letter.</summary>
internal sealed class DeadLetterRef(ActorSystem system) : InternalActorRef
{
    public override ActorPath Path { get; } = new(system.Name, "deadLetters");

    public override void Tell(object message, IActorRef? sender = null) =>
        system.PublishDeadLetter(message, sender, this);

    internal override void TellSystem(SystemMessage message)
    {
        if (message is AddWatcher add)
        {
            add.Watcher.TellSystem(new WatchedEnded(this, ConnectionLost: false));
        }
    }
}
