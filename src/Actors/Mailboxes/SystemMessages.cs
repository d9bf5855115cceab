namespace Replication.Actors.Mailboxes;

/// <summary>
/// What the kernel says to itself: handled before any user message, even while an actor is suspended.
/// </summary>
internal abstract record SystemMessage
{
    internal SystemMessage? Next;
}

internal sealed record CreateActor : SystemMessage;

internal sealed record AdoptChild(ActorCell Child) : SystemMessage;

internal sealed record SuspendActor : SystemMessage;

/// <summary>Takes back one of two halts: the actor's own failure, or its parent's halt.</summary>
internal sealed record ResumeActor(bool OwnFailure) : SystemMessage;

/// <summary>
/// Halts an actor that is to be restarted after a delay, whether it failed or a sibling did.
/// </summary>
internal sealed record HoldForRestart : SystemMessage;

internal sealed record RestartActor(Exception Cause) : SystemMessage;

internal sealed record StopActor : SystemMessage;

internal sealed record AddWatcher(InternalActorRef Watcher) : SystemMessage;

internal sealed record RemoveWatcher(InternalActorRef Watcher) : SystemMessage;

internal sealed record WatchedEnded(IActorRef Actor, bool ConnectionLost) : SystemMessage;

/// <summary>
/// A child has ended. Its parent tells the watchers, after it has freed the child's name and before it ends
/// itself: so who hears of an end can reuse the name, and hears of children before their parents.
/// </summary>
internal sealed record ChildEnded(ActorCell Child, IReadOnlyList<InternalActorRef> Watchers) : SystemMessage;

internal sealed record ChildFailed(ActorCell Child, Exception Cause, object? Message) : SystemMessage;

internal sealed record RestartChildNow(ActorCell Child, Exception Cause) : SystemMessage;
