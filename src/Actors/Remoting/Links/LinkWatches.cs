using Replication.Actors.Mailboxes;

namespace Replication.Actors.Remoting.Links;

/// <summary>
/// Death watch across one link, both ways: local actors that watch the other side's, and local actors that
/// the other side watches. Used by the link's actor alone; everything is told in the order in which watches
/// came.
/// </summary>
internal sealed class LinkWatches
{
    private readonly OrderedDictionary<RemoteRef, List<InternalActorRef>> _outgoing = [];
    private readonly OrderedDictionary<InboundWatch, LocalActorRef> _inbound = [];
    private int _outgoingCount;

    /// <summary>
    /// How the other side named what it watches (the number is 0 when there is a name), and who watches.
    /// </summary>
    internal readonly record struct InboundWatch(ulong TargetId, string TargetName, ulong WatcherId);

    /// <summary>True when one more would be over the bound.</summary>
    internal bool IsFull =>
        _outgoingCount >= RemotingLimits.WatchesMax || _inbound.Count >= RemotingLimits.WatchesMax;

    internal bool AddOutgoing(RemoteRef target, InternalActorRef watcher)
    {
        if (!_outgoing.TryGetValue(target, out List<InternalActorRef>? watchers))
        {
            watchers = [];
            _outgoing.Add(target, watchers);
        }

        if (watchers.Contains(watcher))
        {
            return false;
        }

        watchers.Add(watcher);
        _outgoingCount++;
        return true;
    }

    internal bool RemoveOutgoing(RemoteRef target, InternalActorRef watcher)
    {
        if (!_outgoing.TryGetValue(target, out List<InternalActorRef>? watchers) || !watchers.Remove(watcher))
        {
            return false;
        }

        _outgoingCount--;
        if (watchers.Count == 0)
        {
            _outgoing.Remove(target);
        }

        return true;
    }

    /// <summary>A watched actor of the other side has ended: its watcher of that number is told.</summary>
    internal void EndOutgoing(RemoteRef target, ulong watcherId)
    {
        if (!_outgoing.TryGetValue(target, out List<InternalActorRef>? watchers))
        {
            return;
        }

        InternalActorRef? watcher =
            watchers.Find(each => each is LocalActorRef local && (ulong)local.Id == watcherId);
        if (watcher is not null && RemoveOutgoing(target, watcher))
        {
            watcher.TellSystem(new WatchedEnded(target, ConnectionLost: false));
        }
    }

    /// <summary>Watches of another life of the peer than this end as lost.</summary>
    internal void LoseOtherLives(ulong peerUid)
    {
        foreach (RemoteRef target in _outgoing.Keys.ToArray())
        {
            if (!target.IsOfLife(peerUid))
            {
                LoseOutgoing(target);
            }
        }
    }

    /// <summary>
    /// The link is over: local watchers are told, and local actors are no longer watched from there.
    /// </summary>
    internal void LoseAll(RemotePeer peer, ulong peerUid)
    {
        foreach (RemoteRef target in _outgoing.Keys.ToArray())
        {
            LoseOutgoing(target);
        }

        foreach ((InboundWatch watch, LocalActorRef target) in _inbound)
        {
            target.TellSystem(new RemoveWatcher(new RemoteActorRef(peer, peerUid, watch.WatcherId)));
        }

        _inbound.Clear();
    }

    internal void AddInbound(InboundWatch watch, LocalActorRef target) => _inbound[watch] = target;

    /// <summary>Takes the watch back; gives the target when nothing of that watcher is left on it.</summary>
    internal LocalActorRef? RemoveInbound(InboundWatch watch)
    {
        if (!_inbound.Remove(watch, out LocalActorRef? target))
        {
            return null;
        }

        foreach ((InboundWatch other, LocalActorRef otherTarget) in _inbound)
        {
            if (other.WatcherId == watch.WatcherId && ReferenceEquals(otherTarget, target))
            {
                return null;
            }
        }

        return target;
    }

    /// <summary>Every watch of that watcher on a local actor that has ended; they are gone then.</summary>
    internal List<InboundWatch> TakeInbound(LocalActorRef target, ulong watcherId)
    {
        List<InboundWatch> taken = [];
        foreach ((InboundWatch watch, LocalActorRef watched) in _inbound)
        {
            if (watch.WatcherId == watcherId && ReferenceEquals(watched, target))
            {
                taken.Add(watch);
            }
        }

        taken.ForEach(watch => _inbound.Remove(watch));
        return taken;
    }

    private void LoseOutgoing(RemoteRef target)
    {
        if (_outgoing.Remove(target, out List<InternalActorRef>? watchers))
        {
            _outgoingCount -= watchers.Count;
            watchers.ForEach(watcher => watcher.TellSystem(new WatchedEnded(target, ConnectionLost: true)));
        }
    }
}
