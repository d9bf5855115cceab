namespace Replication.TestKit.Simulation;

/// <summary>
/// What is to happen later in one world, and what time it is there. Firings due at the same instant come in
/// an order that the seed picks.
/// </summary>
internal sealed class TimerQueue(SeededIdSource random)
{
    private const int VoidCountMax = 4096;

    private readonly PriorityQueue<(VirtualTimer Timer, long Version), (long Due, ulong Tie, long Number)>
        _queue = new();
    private long _lastNumber;
    private int _voidCount;

    /// <summary>Ticks of 100 ns since the world began.</summary>
    internal long NowTicks { get; private set; }

    /// <summary>When the next firing is due, in ticks; long.MaxValue when none is.</summary>
    internal long NextDueTicks
    {
        get
        {
            DropVoid();
            return _queue.TryPeek(out _, out (long Due, ulong, long) next) ? next.Due : long.MaxValue;
        }
    }

    internal void AdvanceTo(long ticks) => NowTicks = Math.Max(NowTicks, ticks);

    internal void Enqueue(VirtualTimer timer, TimeSpan delay)
    {
        long due = delay.Ticks > long.MaxValue - 1 - NowTicks ? long.MaxValue - 1 : NowTicks + delay.Ticks;
        _queue.Enqueue((timer, timer.Version), (due, random.NextUInt64(), ++_lastNumber));
    }

    /// <summary>Takes the next firing; the caller has seen that one is due.</summary>
    internal VirtualTimer Dequeue()
    {
        DropVoid();
        return _queue.Dequeue().Timer;
    }

    /// <summary>
    /// One queued firing became void. Too many of them are swept out, so that memory stays bounded.
    /// </summary>
    internal void CountVoid()
    {
        _voidCount++;
        if (_voidCount <= VoidCountMax || _voidCount <= _queue.Count / 2)
        {
            return;
        }

        var live = _queue.UnorderedItems.Where(static item => IsLive(item.Element)).ToArray();
        _queue.Clear();
        _queue.EnqueueRange(live);
        _voidCount = 0;
    }

    private static bool IsLive((VirtualTimer Timer, long Version) entry) =>
        entry.Timer.Version == entry.Version && entry.Timer.Node is not { IsCrashed: true };

    private void DropVoid()
    {
        while (_queue.TryPeek(out (VirtualTimer Timer, long Version) entry, out _) && !IsLive(entry))
        {
            _queue.Dequeue();
            _voidCount = Math.Max(0, _voidCount - 1);
        }
    }
}
