namespace Replication.ReplicaNode.Sidecar;

/// <summary>Numbers of pages that differ from the disk, each once, given back in ascending order.</summary>
internal sealed class DirtySet(int count)
{
    private readonly bool[] _isDirty = new bool[count];
    private readonly List<int> _numbers = [];

    internal int Count => _numbers.Count;

    internal bool Has(int number) => _isDirty[number];

    internal void Add(int number)
    {
        if (!_isDirty[number])
        {
            _isDirty[number] = true;
            _numbers.Add(number);
        }
    }

    internal void AddAll()
    {
        for (int number = 0; number < _isDirty.Length; number++)
        {
            Add(number);
        }
    }

    /// <summary>Moves everything to <paramref name="taken"/>, which is emptied first.</summary>
    internal void Take(List<int> taken)
    {
        taken.Clear();
        taken.AddRange(_numbers);
        taken.Sort();
        _numbers.Clear();
        foreach (int number in taken)
        {
            _isDirty[number] = false;
        }
    }
}
