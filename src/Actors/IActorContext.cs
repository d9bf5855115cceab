using Replication.Actors.Mailboxes;
using Replication.Actors.Timing;

namespace Replication.Actors;

/// <summary>
/// What an actor sees of the kernel. To be used from within that actor's own handlers only.
/// </summary>
public interface IActorContext
{
    /// <summary>The actor's own ref.</summary>
    IActorRef Self { get; }

    /// <summary>Sender of the current message; never null.</summary>
    IActorRef Sender { get; }

    /// <summary>The supervisor.</summary>
    IActorRef Parent { get; }

    /// <summary>The system, with its seams for time, randomness and ids.</summary>
    ActorSystem System { get; }

    /// <summary>Timers that die with this life of the actor.</summary>
    ITimers Timers { get; }

    /// <summary>Messages put aside until a later state can handle them.</summary>
    IStash Stash { get; }

    /// <summary>Starts a child. A null name gives an anonymous child, which is cheaper.</summary>
    /// <exception cref="InvalidOperationException">The name is taken, or this actor is stopping.</exception>
    IActorRef ActorOf(Props props, string? name = null);

    /// <summary>The live child of that name, or null.</summary>
    IActorRef? Child(string name);

    /// <summary>Stops a child, or this actor itself, after the message being handled.</summary>
    void Stop(IActorRef actor);

    /// <summary>Stops every child.</summary>
    void StopChildren();

    /// <summary>
    /// Asks for one <see cref="Watch.Terminated"/> when <paramref name="actor"/> has ended or is lost.
    /// </summary>
    void Watch(IActorRef actor);

    /// <summary>Takes the watch back; no Terminated of that actor is delivered after this.</summary>
    void Unwatch(IActorRef actor);

    /// <summary>
    /// Replaces the behaviour; with <paramref name="discardOld"/> false the old one can come back.
    /// </summary>
    void Become(Action<object> receive, bool discardOld = true);

    /// <summary>Goes back to the behaviour before the last <c>Become(…, discardOld: false)</c>.</summary>
    void Unbecome();

    /// <summary>Sends the current message on with its original sender.</summary>
    void Forward(IActorRef target, object message);
}
