namespace Replication.Gateway.Nbd;

/// <summary>
/// Counts the connections of all servers of a process. One that drains while its server stops counts until it
/// is closed: the room that is set aside for each connection is bounded by that. Safe from any thread.
/// </summary>
/// <param name="countMax">Most at a time.</param>
internal sealed class ConnectionCensus(int countMax)
{
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
    /// Lets a connection in, and numbers it: no two of a process have the same number. False where there are
    /// as many as there may be.
    /// </summary>
    internal bool TryEnter(out long number)
    {
        number = 0;
        if (Interlocked.Increment(ref _count) > countMax)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        number = Interlocked.Increment(ref _accepted);
        return true;
    }

    /// <summary>A connection that was let in is closed.</summary>
    internal void Leave() => Interlocked.Decrement(ref _count);

    /// <summary>A connection was turned away, whatever for.</summary>
    internal void Refuse() => Interlocked.Increment(ref _refused);
}
