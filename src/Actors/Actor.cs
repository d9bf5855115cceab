using Replication.Actors.Supervision;

namespace Replication.Actors;

/// <summary>
/// Behaviour with state of its own, run by one thread at a time. It handles one message after the other in
/// <see cref="Receive"/>, never blocks there, and reaches everything outside through its context.
/// </summary>
public abstract class Actor
{
    private IActorContext? _context;

    /// <summary>
    /// Everything an actor may ask of its surroundings. Valid from <see cref="PreStart"/> on.
    /// </summary>
    protected IActorContext Context =>
        _context ?? throw new InvalidOperationException(
            "the context is there from PreStart on, not in a constructor");

    /// <summary>This actor's own ref; the same through restarts.</summary>
    protected IActorRef Self => Context.Self;

    /// <summary>Who sent the message being handled; the dead letters when it named nobody.</summary>
    protected IActorRef Sender => Context.Sender;

    /// <summary>
    /// How failures of this actor's children are answered: <see cref="SupervisorStrategy.Default"/> unless
    /// overridden.
    /// </summary>
    protected internal virtual SupervisorStrategy SupervisorStrategy => SupervisorStrategy.Default;

    /// <summary>
    /// Handles one message. A message that no case fits is handed to <see cref="Unhandled"/>.
    /// </summary>
    protected internal abstract void Receive(object message);

    /// <summary>
    /// Runs before the first message, and again after a restart unless PostRestart is overridden.
    /// </summary>
    protected internal virtual void PreStart()
    {
    }

    /// <summary>Runs once after the last message; children are gone by then.</summary>
    protected internal virtual void PostStop()
    {
    }

    /// <summary>
    /// Runs on the failed instance before it is replaced: stops the children, then <see cref="PostStop"/>.
    /// </summary>
    protected internal virtual void PreRestart(Exception cause, object? message)
    {
        Context.StopChildren();
        PostStop();
    }

    /// <summary>Runs on the new instance: by default <see cref="PreStart"/>.</summary>
    protected internal virtual void PostRestart(Exception cause) => PreStart();

    /// <summary>Publishes the message as unhandled, for logs and tests.</summary>
    protected void Unhandled(object message) =>
        Context.System.EventStream.Publish(new Events.UnhandledMessage(message, Sender, Self));

    internal void Attach(IActorContext context) => _context = context;
}
