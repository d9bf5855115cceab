namespace Replication.Actors;

/// <summary>
/// The address of an actor: anyone may hold it, compare it and send to it, from any thread.
/// </summary>
public interface IActorRef
{
    /// <summary>Where the actor lives. Built on first use for actors without a name of their own.</summary>
    ActorPath Path { get; }

    /// <summary>
    /// Sends <paramref name="message"/> and returns at once; never throws for a dead or unreachable target
    /// (the message goes to the dead letters). Messages from one sender to one target keep their order.
    /// </summary>
    void Tell(object message, IActorRef? sender = null);
}
