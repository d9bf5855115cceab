using Replication.Actors.Supervision;

namespace Replication.Actors.Tests.Kernel;

/// <summary>An actor whose every part a spec gives as a delegate.</summary>
internal sealed class ScriptedActor(Action<ScriptedActor, object> receive) : Actor
{
    internal Action<ScriptedActor>? OnPreStart { get; init; }

    internal Action<ScriptedActor>? OnPostStop { get; init; }

    /// <summary>Replaces the default, which stops the children and calls PostStop.</summary>
    internal Action<ScriptedActor, Exception, object?>? OnPreRestart { get; init; }

    internal Action<ScriptedActor, Exception>? OnPostRestart { get; init; }

    internal SupervisorStrategy? Strategy { get; init; }

    internal IActorContext Ctx => Context;

    internal IActorRef From => Sender;

    protected override SupervisorStrategy SupervisorStrategy => Strategy ?? base.SupervisorStrategy;

    internal static Props Props(Action<ScriptedActor, object> receive) =>
        new(() => new ScriptedActor(receive));

    internal void CallUnhandled(object message) => Unhandled(message);

    protected override void Receive(object message) => receive(this, message);

    protected override void PreStart() => OnPreStart?.Invoke(this);

    protected override void PostStop() => OnPostStop?.Invoke(this);

    protected override void PreRestart(Exception cause, object? message)
    {
        if (OnPreRestart is null)
        {
            base.PreRestart(cause, message);
        }
        else
        {
            OnPreRestart(this, cause, message);
        }
    }

    protected override void PostRestart(Exception cause)
    {
        if (OnPostRestart is null)
        {
            base.PostRestart(cause);
        }
        else
        {
            OnPostRestart(this, cause);
        }
    }
}
