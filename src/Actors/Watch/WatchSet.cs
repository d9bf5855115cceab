using Replication.Actors.Mailboxes;

namespace Replication.Actors.Watch;

/// <summary>Both sides of death watch for one cell: whom it watches, and who watches it.</summary>
internal sealed class WatchSet
{
    private readonly List<InternalActorRef> _watchers = [];
    private readonly HashSet<IActorRef> _watched = [];
    private readonly HashSet<IActorRef> _ended = [];

    internal bool TryAddWatched(IActorRef actor) => _watched.Add(actor);

    internal bool TryRemoveWatched(IActorRef actor) => _watched.Remove(actor) | _ended.Remove(actor);

    /// <summary>A watched actor ended: true once, when it was still watched.</summary>
    internal bool TryEnd(IActorRef actor)
    {
        if (!_watched.Remove(actor))
        {
            return false;
        }

        _ended.Add(actor);
        return true;
    }

    /// <summary>True when the Terminated about to be handled was not taken back by an unwatch meanwhile.</summary>
    internal bool Delivers(IActorRef actor) => _ended.Remove(actor);

    internal void AddWatcher(InternalActorRef watcher)
    {
        if (!_watchers.Contains(watcher))
        {
            _watchers.Add(watcher);
        }
    }

    internal void RemoveWatcher(InternalActorRef watcher) => _watchers.Remove(watcher);

    internal void EndAll(InternalActorRef self)
    {
        foreach (InternalActorRef watcher in _watchers)
        {
            watcher.TellSystem(new WatchedEnded(self, ConnectionLost: false));
        }

        foreach (IActorRef watched in _watched)
        {
            ((InternalActorRef)watched).TellSystem(new RemoveWatcher(self));
        }

        _watchers.Clear();
        _watched.Clear();
    }
}
