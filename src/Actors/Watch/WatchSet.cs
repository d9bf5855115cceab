using Replication.Actors.Mailboxes;

namespace Replication.Actors.Watch;

/// <summary>Both sides of death watch for one cell: whom it watches, and who watches it.</summary>
internal sealed class WatchSet
{
    private readonly List<InternalActorRef> _watchers = [];

    // By insertion order, so that ending is the same in every run.
    private readonly OrderedDictionary<IActorRef, bool> _watched = [];
    private readonly HashSet<IActorRef> _ended = [];

    internal bool TryAddWatched(IActorRef actor) => _watched.TryAdd(actor, true);

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

    /// <summary>
    /// True when the Terminated about to be handled was not taken back by an unwatch meanwhile.
    /// </summary>
    internal bool Delivers(IActorRef actor) => _ended.Remove(actor);

    internal void AddWatcher(InternalActorRef watcher)
    {
        if (!_watchers.Contains(watcher))
        {
            _watchers.Add(watcher);
        }
    }

    internal void RemoveWatcher(InternalActorRef watcher) => _watchers.Remove(watcher);

    /// <summary>
    /// The cell has ended: takes back its own watches, and returns who is to hear of the end.
    /// </summary>
    internal IReadOnlyList<InternalActorRef> End(InternalActorRef self)
    {
        foreach (IActorRef watched in _watched.Keys)
        {
            ((InternalActorRef)watched).TellSystem(new RemoveWatcher(self));
        }

        InternalActorRef[] watchers = [.. _watchers];
        _watchers.Clear();
        _watched.Clear();
        _ended.Clear();
        return watchers;
    }
}
