using Replication.Messages;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Who is under way and who waits, within <see cref="ReplicaLimits"/>, in arrival order. Requests that
/// depend on each other are never sent side by side by an owner, so waiting in line cannot block the one it
/// waits for. Flushes, which hold no buffers, go past the line and have as many places of their own: a write
/// that waits for room among the hot marks waits for one.
/// </summary>
internal sealed class Admission
{
    private readonly Queue<AskedRequest> _waiting = new();
    private int _count;
    private long _bytes;

    internal int RunningCount => _count;

    internal int WaitingCount => _waiting.Count;

    internal bool HasWaiting => _waiting.Count > 0;

    /// <summary>
    /// True when the request may start now and is counted; false when it has to wait its turn.
    /// </summary>
    internal bool TryEnter(ReplicaRequest request)
    {
        return (_waiting.Count == 0 || request is FlushReplica) && TryCount(request);
    }

    /// <summary>Puts a request at the end of the line; false when the line is full.</summary>
    internal bool TryWait(in AskedRequest asked)
    {
        if (_waiting.Count >= ReplicaLimits.WaitingCountMax)
        {
            return false;
        }

        _waiting.Enqueue(asked);
        return true;
    }

    /// <summary>A request that had entered has been answered.</summary>
    internal void Leave(long heldBytes)
    {
        _count--;
        _bytes -= heldBytes;
    }

    /// <summary>Takes, and counts, the first one waiting if it may start now.</summary>
    internal bool TryTakeWaiting(out AskedRequest first)
    {
        if (_waiting.TryPeek(out first) && TryCount(first.Request))
        {
            _waiting.Dequeue();
            return true;
        }

        return false;
    }

    /// <summary>Takes the first one waiting in order to refuse it; it is not counted.</summary>
    internal bool TryDropWaiting(out AskedRequest first) => _waiting.TryDequeue(out first);

    private bool TryCount(ReplicaRequest request)
    {
        long heldBytes = RequestCheck.HeldBytes(request);
        int countMax = ReplicaLimits.InFlightCountMax * (request is FlushReplica ? 2 : 1);
        bool fits = _count < countMax
            && (_bytes == 0 || _bytes + heldBytes <= ReplicaLimits.InFlightBytesMax);
        if (fits)
        {
            _count++;
            _bytes += heldBytes;
        }

        return fits;
    }
}
