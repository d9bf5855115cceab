namespace Replication.Actors;

/// <summary>
/// Sees each message just before its actor handles it, the kernel's own included: how a simulation records
/// what happened. Runs on the actor's thread and must not throw.
/// </summary>
public interface IMessageObserver
{
    /// <summary>
    /// Called before <paramref name="actor"/> of <paramref name="system"/> handles
    /// <paramref name="message"/>.
    /// </summary>
    void OnMessage(ActorSystem system, IActorRef actor, object message);
}
