namespace Replication.Actors;

/// <summary>The children of one cell, in the order in which they were started.</summary>
internal sealed class Children
{
    private LinkedList<ActorCell>? _all;
    private Dictionary<long, LinkedListNode<ActorCell>>? _byId;
    private Dictionary<string, ActorCell>? _byName;

    internal int Count => _all?.Count ?? 0;

    internal void Add(ActorCell child)
    {
        if (child.LocalSelf.Name is string name && !(_byName ??= new(StringComparer.Ordinal)).TryAdd(name, child))
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
        if (child.LocalSelf.Name is string name)
        {
            _byName!.Remove(name);
        }

        return true;
    }

    internal bool Contains(ActorCell child) => _byId is not null && _byId.ContainsKey(child.LocalSelf.Id);

    internal ActorCell? Find(string name) =>
        _byName is not null && _byName.TryGetValue(name, out ActorCell? child) ? child : null;

    internal ActorCell[] Snapshot() => _all is null ? [] : [.. _all];
}
