namespace Replication.Actors.Mailboxes;

/// <summary>What the kernel says to itself: handled before any user message, even while an actor is suspended.</summary>
internal abstract record SystemMessage
{
    internal SystemMessage? Next;
}

internal sealed record CreateActor : SystemMessage;

internal sealed record AdoptChild(ActorCell Child) : SystemMessage;

internal sealed record SuspendActor : SystemMessage;

internal sealed record ResumeActor : SystemMessage;

internal sealed record RestartActor(Exception Cause) : SystemMessage;

internal sealed record StopActor : SystemMessage;

internal sealed record AddWatcher(InternalActorRef Watcher) : SystemMessage;

internal sealed record RemoveWatcher(InternalActorRef Watcher) : SystemMessage;

internal sealed record WatchedEnded(IActorRef Actor, bool ConnectionLost) : SystemMessage;

internal sealed record ChildEnded(ActorCell Child) : SystemMessage;

internal sealed record ChildFailed(ActorCell Child, Exception Cause, object? Message) : SystemMessage;

internal sealed record RestartChildNow(ActorCell Child, Exception Cause) : SystemMessage;
