namespace Replication.Actors;

/// <summary>The children of one cell, in the order in which they were started.</summary>
internal sealed class Children
{
    private LinkedList<ActorCell>? _all;
    private Dictionary<long, LinkedListNode<ActorCell>>? _byId;
    private Dictionary<string, ActorCell>? _byName;

    internal int Count => _all?.Count ?? 0;

    /// <summary>
    /// Those that their parent has told to stop and that have not ended yet: a restart waits for them.
    /// </summary>
    internal int StoppingCount { get; private set; }

    internal void Add(ActorCell child)
    {
        if (child.LocalSelf.Name is string name
            && !(_byName ??= new(StringComparer.Ordinal)).TryAdd(name, child))
        {
            throw new InvalidOperationException($"a child named '{name}' exists already");
        }

        _all ??= new LinkedList<ActorCell>();
        (_byId ??= [])[child.LocalSelf.Id] = _all.AddLast(child);
    }

    internal bool Remove(ActorCell child)
    {
        if (_byId is null || !_byId.Remove(child.LocalSelf.Id, out LinkedListNode<ActorCell>? node))
        {
            return false;
        }

        _all!.Remove(node);
        if (child.IsStopRequested)
        {
            StoppingCount--;
        }

        if (child.LocalSelf.Name is string name)
        {
            _byName!.Remove(name);
        }

        return true;
    }

    /// <summary>True the first time, for a child that is here.</summary>
    internal bool TryMarkStopping(ActorCell child)
    {
        if (child.IsStopRequested || !Contains(child))
        {
            return false;
        }

        child.IsStopRequested = true;
        StoppingCount++;
        return true;
    }

    /// <summary>
    /// The children whose failure was escalated and still awaits a verdict; they no longer count as such.
    /// </summary>
    internal ActorCell[] TakeEscalated()
    {
        ActorCell[] escalated =
            [.. Snapshot().Where(static child => child.IsEscalated && !child.IsStopRequested)];
        foreach (ActorCell child in escalated)
        {
            child.IsEscalated = false;
        }

        return escalated;
    }

    internal bool Contains(ActorCell child) => _byId is not null && _byId.ContainsKey(child.LocalSelf.Id);

    internal ActorCell? Find(string name) =>
        _byName is not null && _byName.TryGetValue(name, out ActorCell? child) ? child : null;

    internal ActorCell[] Snapshot() => _all is null ? [] : [.. _all];
}
