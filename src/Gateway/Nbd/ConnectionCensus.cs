namespace Replication.Gateway.Nbd;

/// <summary>
/// Counts the connections of all servers of a process. One that drains while its server stops counts until
/// it is closed, and one that leaves unanswered requests behind keeps its place until they are answered: the
/// room that is set aside for each connection is bounded by that. Safe from any thread.
/// </summary>
/// <param name="countMax">Most at a time.</param>
internal sealed class ConnectionCensus(int countMax)
{
    private int _places;
    private int _count;
    private long _accepted;
    private long _refused;

    /// <summary>Connections now.</summary>
    internal int Count => Volatile.Read(ref _count);

    /// <summary>Those that were let in.</summary>
    internal long AcceptedCount => Interlocked.Read(ref _accepted);

    /// <summary>Those that were turned away.</summary>
    internal long RefusedCount => Interlocked.Read(ref _refused);

    /// <summary>
    /// Lets a connection in, and numbers it: no two of a process have the same number. False where every
    /// place is taken.
    /// </summary>
    internal bool TryEnter(out long number)
    {
        number = 0;
        if (Interlocked.Increment(ref _places) > countMax)
        {
            Interlocked.Decrement(ref _places);
            return false;
        }

        Interlocked.Increment(ref _count);

        number = Interlocked.Increment(ref _accepted);
        return true;
    }

    /// <summary>A connection that was let in is closed.</summary>
    /// <param name="leftBehind">Ends when none of its requests uses the room set aside any more.</param>
    internal void Leave(Task leftBehind)
    {
        Interlocked.Decrement(ref _count);
        if (leftBehind.IsCompleted)
        {
            Interlocked.Decrement(ref _places);
        }
        else
        {
            _ = leftBehind.ContinueWith(
                _ => Interlocked.Decrement(ref _places),
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    /// <summary>A connection was turned away, whatever for.</summary>
    internal void Refuse() => Interlocked.Increment(ref _refused);
}
