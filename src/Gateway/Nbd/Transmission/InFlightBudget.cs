using Replication.Gateway.Nbd.Wire;

namespace Replication.Gateway.Nbd.Transmission;

/// <summary>
/// How many requests of all connections of a server there may be together, and the bytes that they may hold.
/// One request and a part of the bytes are set aside for each connection that there may be: within that a
/// connection never waits for others. The rest is shared: a connection gets at most as much of it as it
/// leaves free, so some is left for the next one whoever came before; and where it is short, those that hold
/// least come first. Safe from any thread.
/// </summary>
/// <remarks>
/// The count bounds what may lie in the volumes' mailboxes, which have no bound of their own: whoever is
/// beyond it is not read from, and neither fails nor delays others for longer than so many requests take.
/// Room that comes back only when a client reads or sends is not waited for without end: a client that moves
/// next to nothing for the stall timeout, while somebody else waits for room, is evicted.
/// </remarks>
internal sealed class InFlightBudget
{
    /// <summary>The set-aside part of the bytes is one in so many of all.</summary>
    private const int ReservePart = 4;

    private readonly Lock _lock = new();
    private readonly Room _sharedMax;
    private readonly long _requestWeight;
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly StallWatch _stalls;
    private long _taken;
    private int _waiting;

    /// <param name="options">The server's limits.</param>
    /// <exception cref="ArgumentException">The total has no room for one request of the largest
    /// size.</exception>
    internal InFlightBudget(NbdServerOptions options)
    {
        long reserved = options.TotalInFlightBytesMax / ReservePart;
        Reserve = new Room(1, reserved / options.ConnectionsMax);
        _sharedMax = new Room(options.TotalInFlightCountMax, options.TotalInFlightBytesMax - reserved);
        _requestWeight = Math.Max(1, _sharedMax.Bytes / Math.Max(1, _sharedMax.Count));
        _stalls = new StallWatch(options.StallTimeout, TimeProvider.System);
        if (_sharedMax.Bytes < NbdProtocol.PayloadMaxBytes + InFlightGauge.OverheadBytes)
        {
            throw new ArgumentException(
                $"{options.TotalInFlightBytesMax} bytes in flight are less than the "
                    + $"{NbdServerOptions.TotalInFlightBytesMin} that one large request needs",
                nameof(options));
        }
    }

    /// <summary>What each connection has for itself.</summary>
    internal Room Reserve { get; }

    /// <summary>What connections hold beyond their own parts.</summary>
    internal Room Taken => Room.Of(Volatile.Read(ref _taken));

    /// <summary>Connections that wait for room.</summary>
    internal int WaitingCount => Volatile.Read(ref _waiting);

    /// <summary>Requests in flight on all connections, and the bytes of their data.</summary>
    internal (int Count, long Bytes) Measure()
    {
        lock (_lock)
        {
            // A connection whose requests were abandoned counts below nothing.
            return (
                _stalls.Holders.Sum(static holder => Math.Max(0, holder.Count)),
                _stalls.Holders.Sum(static holder => holder.Bytes));
        }
    }

    /// <summary>Makes a connection known, so that it can be evicted.</summary>
    internal void Add(InFlightGauge holder)
    {
        lock (_lock)
        {
            _stalls.Add(holder);
        }
    }

    /// <summary>Forgets a connection that has ended.</summary>
    internal void Remove(InFlightGauge holder)
    {
        lock (_lock)
        {
            _stalls.Remove(holder);
        }
    }

    /// <summary>
    /// A room by what is scarcer in it: a request weighs as much as its even part of the shared bytes.
    /// </summary>
    internal long WeightOf(Room room) => Math.Max(room.Bytes, room.Count * _requestWeight);

    /// <summary>Takes shared room at once, or says that the connection must wait for it.</summary>
    /// <param name="room">How much; not nothing.</param>
    /// <param name="held">What the connection holds of the shared room already.</param>
    internal bool TryTake(Room room, Room held)
    {
        if (Volatile.Read(ref _waiting) == 0)
        {
            return TryAdd(room, held);
        }

        lock (_lock)
        {
            // Somebody waits: whoever holds as much or more is not to overtake it.
            return (Next() is not { } next || WeightOf(held) < next.Value.Holder.Weight)
                && TryAdd(room, held);
        }
    }

    /// <summary>
    /// Completes when the room that a request needs by then has been taken, and says how much that was.
    /// </summary>
    /// <param name="holder">The connection that wants it.</param>
    /// <param name="bytes">Those of the request.</param>
    /// <param name="stop">Ends the waiting with an OperationCanceledException; nothing is taken then.</param>
    internal async Task<Room> TakeAsync(InFlightGauge holder, long bytes, CancellationToken stop)
    {
        Waiter waiter = new(holder, bytes);
        LinkedListNode<Waiter> node;
        lock (_lock)
        {
            node = _waiters.AddLast(waiter);
            Interlocked.Increment(ref _waiting);

            // Room that came back before the line above is seen here, and later room sees the line above.
            Serve();
        }

        while (true)
        {
            Task round = waiter.Granted.WaitAsync(_stalls.CheckInterval, stop);
            await round.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (waiter.Granted.IsCompletedSuccessfully)
            {
                return await waiter.Granted;
            }

            if (stop.IsCancellationRequested)
            {
                Withdraw(node);
                stop.ThrowIfCancellationRequested();
            }

            EvictStalled();
        }
    }

    /// <summary>
    /// Gives shared room back, which may be nothing: who waits is looked at again all the same.
    /// </summary>
    internal void Return(Room room)
    {
        if (!room.IsNothing && Interlocked.Add(ref _taken, -room.Packed) < 0)
        {
            throw new InvalidOperationException("more came back to the total than was taken from it");
        }

        if (Volatile.Read(ref _waiting) > 0)
        {
            lock (_lock)
            {
                Serve();
            }
        }
    }

    private bool TryAdd(Room room, Room held)
    {
        long seen = Volatile.Read(ref _taken);
        while ((held + room).FitsIn(_sharedMax - Room.Of(seen)))
        {
            long found = Interlocked.CompareExchange(ref _taken, seen + room.Packed, seen);
            if (found == seen)
            {
                return true;
            }

            seen = found;
        }

        return false;
    }

    private void Serve()
    {
        while (Next() is { } next)
        {
            Room needed = next.Value.Needed;
            if (!needed.IsNothing && !TryAdd(needed, next.Value.Holder.Shared))
            {
                return;
            }

            _waiters.Remove(next);
            Interlocked.Decrement(ref _waiting);
            next.Value.Grant(needed);
        }
    }

    /// <summary>The one that holds least, of several the one that came first.</summary>
    private LinkedListNode<Waiter>? Next()
    {
        LinkedListNode<Waiter>? next = null;
        long least = long.MaxValue;
        for (LinkedListNode<Waiter>? node = _waiters.First; node is not null; node = node.Next)
        {
            if (node.Value.Holder.Weight is var weight && weight < least)
            {
                (next, least) = (node, weight);
            }
        }

        return next;
    }

    private void Withdraw(LinkedListNode<Waiter> node)
    {
        lock (_lock)
        {
            if (node.List is not null)
            {
                _waiters.Remove(node);
                Interlocked.Decrement(ref _waiting);
                Serve();
                return;
            }
        }

        // It was granted while it was being cancelled.
        Return(node.Value.Granted.Result);
    }

    private void EvictStalled()
    {
        IReadOnlyList<InFlightGauge> evicted;
        lock (_lock)
        {
            // Those that wait for the clients that hold them up themselves are no reason to evict anybody.
            long wanted = _waiters.Where(static waiter => !waiter.Holder.Client.IsAwaited)
                .Select(waiter => WeightOf(waiter.Needed)).FirstOrDefault();
            evicted = _stalls.Check(wanted);
        }

        foreach (InFlightGauge holder in evicted)
        {
            holder.Evict();
        }
    }

    private sealed class Waiter(InFlightGauge holder, long bytes)
    {
        private readonly TaskCompletionSource<Room> _granted =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal InFlightGauge Holder { get; } = holder;

        internal Room Needed => Holder.NeededFor(bytes);

        internal Task<Room> Granted => _granted.Task;

        internal void Grant(Room room) => _granted.SetResult(room);
    }
}
