using Replication.Actors;
using Replication.Coordinator.Checkpoints;
using Replication.Coordinator.Locking;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// The requests that a volume has under way: their locks, and those that were started, oldest first. It
/// decides nothing: whether and how a granted request is started is the volume's.
/// </summary>
internal sealed class RequestTable
{
    /// <summary>Clients count as busy for this long after a request (P20).</summary>
    private static readonly TimeSpan CompanyTime = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<long, LinkedListNode<LiveRequest>> _started = [];
    private readonly LinkedList<LiveRequest> _notStarted = [];
    private readonly LinkedList<LiveRequest> _byStart = [];
    private readonly RangeLocks _locks = new();
    private readonly List<RangeLock> _granted = [];

    // One for each target that is waiting to be resynced: bounded by the children.
    private readonly Queue<(long Start, Action Action)> _afterRunning = new();
    private long _lastId;
    private long _lastStart;
    private int _clientsStarted;
    private long _clientStartedAt;

    /// <summary>Requests that were started and have not ended.</summary>
    internal int StartedCount => _byStart.Count;

    /// <summary>Requests that hold or wait for a lock, or were started without one.</summary>
    internal int Count => _byStart.Count + _notStarted.Count;

    /// <summary>Requests that wait for the lock of their range.</summary>
    internal int LockWaitersCount => _locks.WaitingCount;

    /// <summary>Requests that wait for a lock or for the volume, oldest first.</summary>
    internal IEnumerable<LiveRequest> NotStarted => _notStarted;

    /// <summary>Those that run, oldest first.</summary>
    internal IEnumerable<LiveRequest> Started => _byStart;

    /// <summary>True while a client's request runs, and for a while after one was started (P20).</summary>
    internal bool HasCompany(TimeProvider time, long now) =>
        _clientsStarted > 0 || time.GetElapsedTime(_clientStartedAt, now) < CompanyTime;

    /// <summary>The number of one more request.</summary>
    internal long NextId() => ++_lastId;

    /// <summary>Files a request; true when nothing stands in its way.</summary>
    internal bool Admit(RangeRequest request, IActorRef client, long arrivedAt, out LiveRequest live)
    {
        live = new LiveRequest(NextId(), request, client) { ArrivedAt = arrivedAt };
        live.Place = _notStarted.AddLast(live);
        if (request is FlushVolume or CheckpointVolume)
        {
            return true;
        }

        (long offset, long length) = live.Range;
        live.Lock = new RangeLock(offset, length, live.IsExclusive) { Owner = live };
        return _locks.Acquire(live.Lock);
    }

    /// <summary>The request runs from now on, in an epoch.</summary>
    internal void MarkStarted(LiveRequest live, long now, uint epoch)
    {
        live.Epoch = epoch;
        live.StartedAt = now;
        live.StartNumber = ++_lastStart;
        _notStarted.Remove(live.Place!);
        _byStart.AddLast(live.Place!);
        _started.Add(live.Id, live.Place!);
        if (!live.IsOwn)
        {
            _clientsStarted++;
            _clientStartedAt = now;
        }
    }

    /// <summary>Calls back once every request that runs now has ended; at once when none does.</summary>
    internal void AfterRunning(Action action)
    {
        if (StartedCount == 0)
        {
            action();
        }
        else
        {
            _afterRunning.Enqueue((_lastStart, action));
        }
    }

    /// <summary>Calls those back whose requests have all ended.</summary>
    internal void CallThoseWaiting()
    {
        while (_afterRunning.TryPeek(out (long Start, Action Action) next)
            && next.Start < (_byStart.First?.Value.StartNumber ?? long.MaxValue))
        {
            _afterRunning.Dequeue().Action();
        }
    }

    /// <exception cref="InvalidOperationException">No such request runs.</exception>
    internal LiveRequest Get(long id) => _started.TryGetValue(id, out LinkedListNode<LiveRequest>? node)
        ? node.Value
        : throw new InvalidOperationException($"request {id} is not under way");

    /// <summary>
    /// Takes a request away, started or only granted, and returns those that it alone held back, oldest
    /// first.
    /// </summary>
    internal IReadOnlyList<RangeLock> Remove(LiveRequest live)
    {
        if (_started.Remove(live.Id, out LinkedListNode<LiveRequest>? node))
        {
            _byStart.Remove(node);
            _clientsStarted -= live.IsOwn ? 0 : 1;
        }
        else
        {
            _notStarted.Remove(live.Place!);
        }

        _granted.Clear();
        if (live.Lock is not null)
        {
            _locks.Release(live.Lock, _granted);
        }

        return _granted.Count == 0 ? [] : _granted.ToArray();
    }

    /// <summary>Tells every running coordinator.</summary>
    internal void TellAll(object message)
    {
        foreach (LiveRequest live in _byStart)
        {
            live.Coordinator!.Tell(message);
        }
    }

    /// <summary>Tells the coordinators that have run for at least this long.</summary>
    internal void TellOlderThan(TimeSpan age, TimeProvider time, long now, object message)
    {
        foreach (LiveRequest live in _byStart)
        {
            if (time.GetElapsedTime(live.StartedAt, now) < age)
            {
                return;
            }

            live.Coordinator!.Tell(message);
        }
    }
}
