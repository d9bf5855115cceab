namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Syncs of one file, one at a time, each for all who asked before it began. One at a time is a rule of
/// safety: the kernel reports a failed writeback to one fsync only, so a second one beside it could pass
/// and be believed.
/// </summary>
internal sealed class SyncLane
{
    private List<SyncWait> _current = [];
    private List<SyncWait> _next = [];

    /// <summary>True while a sync is under way.</summary>
    internal bool IsRunning { get; private set; }

    /// <summary>True when somebody waits for a sync that has yet to begin.</summary>
    internal bool HasNext => _next.Count > 0;

    /// <summary>Everybody who waits, for the running sync first.</summary>
    internal IEnumerable<SyncWait> Waits => _current.Concat(_next);

    /// <summary>True when all for whom a sync would begin now wait for hot marks, and nothing else.</summary>
    internal bool NextIsMarksOnly => _next.TrueForAll(static wait => wait.Purpose == SyncPurpose.Marks);

    /// <summary>
    /// Adds a wait to the sync that covers it: with nothing changed since the running one began that is the
    /// running one; with nothing changed and none running it needs none, and false is returned.
    /// </summary>
    internal bool TryJoin(SyncWait wait, bool changedSinceBegin)
    {
        if (!changedSinceBegin && !IsRunning)
        {
            return false;
        }

        (changedSinceBegin ? _next : _current).Add(wait);
        wait.LanesLeft++;
        return true;
    }

    /// <summary>A sync begins, for all who have joined.</summary>
    internal void Begin()
    {
        if (IsRunning)
        {
            throw new InvalidOperationException("two syncs of one file may not run beside each other");
        }

        IsRunning = true;
        (_current, _next) = (_next, _current);
    }

    /// <summary>The sync ended: those it was for. The list is the caller's.</summary>
    internal List<SyncWait> End()
    {
        IsRunning = false;
        List<SyncWait> served = _current;
        _current = [];
        return served;
    }

    /// <summary>Everybody who waits, for the running sync or the next; none of them waits any more.</summary>
    internal List<SyncWait> TakeAll()
    {
        List<SyncWait> all = [.. _current, .. _next];
        _current.Clear();
        _next.Clear();
        return all;
    }
}
