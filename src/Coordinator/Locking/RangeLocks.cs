namespace Replication.Coordinator.Locking;

/// <summary>
/// Locks on ranges, granted in the order in which they were asked for: a lock waits for every earlier one
/// that it conflicts with, granted or still waiting, so that nobody starves. Locks are filed by the 4 MiB
/// zones that they touch; very wide ones are on a list of their own, so that finding conflicts costs what is
/// near, not what is there.
/// </summary>
public sealed class RangeLocks
{
    private const int ZoneShift = 22;

    /// <summary>
    /// A lock over more zones than this is filed as wide; 32 MiB requests touch at most nine.
    /// </summary>
    private const long NarrowZonesMax = 16;

    /// <summary>Emptied lists that are kept for the next zones; others are left to the collector.</summary>
    private const int SpareListsMax = 64;

    private static readonly Comparer<RangeLock> BySequence =
        Comparer<RangeLock>.Create(static (a, b) => a.Sequence.CompareTo(b.Sequence));

    private readonly Dictionary<long, List<RangeLock>> _byZone = [];
    private readonly List<RangeLock> _wide = [];
    private readonly Stack<List<RangeLock>> _spareLists = new();
    private long _lastSequence;

    /// <summary>Locks granted or waiting.</summary>
    public int Count { get; private set; }

    /// <summary>Those of them that wait.</summary>
    public int WaitingCount { get; private set; }

    /// <summary>Files the lock; true when it is granted at once.</summary>
    public bool Acquire(RangeLock wanted)
    {
        if (wanted.Sequence != 0)
        {
            throw new InvalidOperationException("a lock is acquired once");
        }

        wanted.Sequence = ++_lastSequence;
        int blockers = 0;
        ForEachConflicting(wanted, _ => blockers++);
        wanted.Blockers = blockers;
        File(wanted);
        Count++;
        WaitingCount += blockers == 0 ? 0 : 1;
        return blockers == 0;
    }

    /// <summary>
    /// Takes a granted lock away and adds to <paramref name="granted"/> what it alone held back, oldest
    /// first.
    /// </summary>
    public void Release(RangeLock held, List<RangeLock> granted)
    {
        if (!held.IsGranted)
        {
            throw new InvalidOperationException("only a granted lock is released");
        }

        Unfile(held);
        Count--;
        int first = granted.Count;
        ForEachConflicting(held, waiting =>
        {
            if (waiting.Sequence > held.Sequence && --waiting.Blockers == 0)
            {
                granted.Add(waiting);
            }
        });
        WaitingCount -= granted.Count - first;
        if (granted.Count - first > 1)
        {
            granted.Sort(first, granted.Count - first, BySequence);
        }
    }

    private static long FirstZone(RangeLock item) => item.OffsetBytes >> ZoneShift;

    private static long LastZone(RangeLock item) => (item.EndBytes - 1) >> ZoneShift;

    private static bool IsWide(RangeLock item) => LastZone(item) - FirstZone(item) >= NarrowZonesMax;

    private void ForEachConflicting(RangeLock item, Action<RangeLock> action)
    {
        foreach (RangeLock wide in _wide)
        {
            if (wide.ConflictsWith(item))
            {
                action(wide);
            }
        }

        if (IsWide(item))
        {
            ForEachConflictingNarrow(item, action);
            return;
        }

        for (long zone = FirstZone(item); zone <= LastZone(item); zone++)
        {
            if (_byZone.TryGetValue(zone, out List<RangeLock>? filed))
            {
                VisitZone(zone, filed, item, action);
            }
        }
    }

    /// <summary>
    /// A wide lock looks at every zone that has locks; the order does not matter to counting.
    /// </summary>
    private void ForEachConflictingNarrow(RangeLock wide, Action<RangeLock> action)
    {
        foreach ((long zone, List<RangeLock> filed) in _byZone)
        {
            if (zone >= FirstZone(wide) && zone <= LastZone(wide))
            {
                VisitZone(zone, filed, wide, action);
            }
        }
    }

    private static void VisitZone(long zone, List<RangeLock> filed, RangeLock item, Action<RangeLock> action)
    {
        foreach (RangeLock other in filed)
        {
            // Two locks may share several zones: the pair counts in the first one that both touch.
            if (Math.Max(FirstZone(other), FirstZone(item)) == zone && other.ConflictsWith(item))
            {
                action(other);
            }
        }
    }

    private void File(RangeLock item)
    {
        if (IsWide(item))
        {
            _wide.Add(item);
            return;
        }

        for (long zone = FirstZone(item); zone <= LastZone(item); zone++)
        {
            if (!_byZone.TryGetValue(zone, out List<RangeLock>? filed))
            {
                filed = _spareLists.TryPop(out List<RangeLock>? spare) ? spare : [];
                _byZone.Add(zone, filed);
            }

            filed.Add(item);
        }
    }

    private void Unfile(RangeLock item)
    {
        if (IsWide(item))
        {
            _wide.Remove(item);
            return;
        }

        for (long zone = FirstZone(item); zone <= LastZone(item); zone++)
        {
            List<RangeLock> filed = _byZone[zone];
            filed.Remove(item);
            if (filed.Count == 0)
            {
                _byZone.Remove(zone);
                if (_spareLists.Count < SpareListsMax)
                {
                    _spareLists.Push(filed);
                }
            }
        }
    }
}
