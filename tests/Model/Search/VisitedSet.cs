namespace Replication.Model.Search;

/// <summary>
/// The states met so far, by 64 bits of their hash: two states with one hash would be taken for one. With N
/// states the chance of that is about N² / 2^65, 3 in 100,000 for 33 million.
/// </summary>
internal sealed class VisitedSet
{
    private ulong[] _slots = new ulong[1 << 16];
    private int _mask = (1 << 16) - 1;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a hash; false when it was there.</summary>
    public bool Add(ulong hash)
    {
        hash = hash == 0 ? 1 : hash;
        var at = (int)(hash >> 20) & _mask;
        while (_slots[at] != 0)
        {
            if (_slots[at] == hash)
            {
                return false;
            }

            at = (at + 1) & _mask;
        }

        _slots[at] = hash;
        Count++;
        if (Count > (_mask / 10 * 7))
        {
            Grow();
        }

        return true;
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new ulong[old.Length * 2];
        _mask = _slots.Length - 1;
        foreach (var hash in old)
        {
            if (hash == 0)
            {
                continue;
            }

            var at = (int)(hash >> 20) & _mask;
            while (_slots[at] != 0)
            {
                at = (at + 1) & _mask;
            }

            _slots[at] = hash;
        }
    }
}
