namespace Replication.TestKit.Simulation;

/// <summary>What can run now in one world, from all its nodes.</summary>
internal sealed class RunQueue
{
    private readonly Lock _gate = new();
    private readonly List<(SimulatedNode Node, IThreadPoolWorkItem Work)> _ready = [];
    private int _pumpThread;

    internal int Count
    {
        get
        {
            lock (_gate)
            {
                return _ready.Count;
            }
        }
    }

    /// <summary>
    /// Set when a foreign thread reached into the world while it was being pumped: the run counts for
    /// nothing.
    /// </summary>
    internal string? Intrusion { get; private set; }

    internal void Add(SimulatedNode node, IThreadPoolWorkItem work)
    {
        lock (_gate)
        {
            int current = Environment.CurrentManagedThreadId;
            if (_pumpThread != 0 && _pumpThread != current)
            {
                Intrusion ??= $"thread {current} scheduled work on {node.Name} while thread"
                    + $" {_pumpThread} ran the world: something escaped the seams\n{Environment.StackTrace}";
            }

            _ready.Add((node, work));
        }
    }

    /// <summary>Takes entry <paramref name="index"/>; the last one moves to its place.</summary>
    internal (SimulatedNode Node, IThreadPoolWorkItem Work) TakeAt(int index)
    {
        lock (_gate)
        {
            (SimulatedNode, IThreadPoolWorkItem) taken = _ready[index];
            _ready[index] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            return taken;
        }
    }

    internal void RemoveOf(SimulatedNode node, Action<IThreadPoolWorkItem>? keep)
    {
        lock (_gate)
        {
            foreach ((SimulatedNode owner, IThreadPoolWorkItem work) in _ready)
            {
                if (ReferenceEquals(owner, node))
                {
                    keep?.Invoke(work);
                }
            }

            _ready.RemoveAll(entry => ReferenceEquals(entry.Node, node));
        }
    }

    internal void EnterPump() => _pumpThread = Environment.CurrentManagedThreadId;

    internal void LeavePump() => _pumpThread = 0;
}
