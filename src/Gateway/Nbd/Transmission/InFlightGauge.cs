namespace Replication.Gateway.Nbd.Transmission;

/// <summary>
/// Counts one connection's requests and their bytes from reading to the end of sending the answer, and takes
/// what is beyond the connection's own part from the server's budget. Only the receiving loop enters and
/// waits; leaving is for any thread. Count and bytes share one number, so both change at once.
/// </summary>
internal sealed class InFlightGauge : IDisposable
{
    /// <summary>
    /// What a request costs besides its data, for the total: its objects here and in the volume.
    /// </summary>
    internal const int OverheadBytes = 512;

    /// <summary>Far below what leaving requests can bring a number to that once was positive.</summary>
    private const long Abandoned = long.MinValue / 2;

    private readonly NbdServerOptions _options;
    private readonly InFlightBudget _budget;
    private readonly Action<string> _evict;
    private long _packed;
    private Room _prepaid;
    private TaskCompletionSource? _waiter;

    /// <param name="options">The connection's limits.</param>
    /// <param name="budget">What all connections share.</param>
    /// <param name="evict">Ends the connection at once, with a reason for the log; any thread.</param>
    internal InFlightGauge(NbdServerOptions options, InFlightBudget budget, Action<string> evict)
    {
        _options = options;
        _budget = budget;
        _evict = evict;
        budget.Add(this);
    }

    /// <summary>How the client gets on with taking answers and bringing payloads.</summary>
    internal ClientProgress Client { get; } = new();

    /// <summary>Requests in flight.</summary>
    internal int Count => Room.Of(Volatile.Read(ref _packed)).Count;

    /// <summary>Bytes of data in flight.</summary>
    internal long Bytes => Room.Of(Volatile.Read(ref _packed)).Bytes;

    /// <summary>What the connection holds of the shared room.</summary>
    internal Room Shared => SharedOf(Volatile.Read(ref _packed));

    /// <summary>How much that is, in bytes that stand for requests also.</summary>
    internal long Weight => _budget.WeightOf(Shared);

    /// <summary>
    /// Adds a request, or says that it does not fit now. Alone on its connection every request fits, once
    /// there is shared room.
    /// </summary>
    internal bool TryEnter(long bytes)
    {
        long seen = Volatile.Read(ref _packed);
        if (!FitsConnection(seen, bytes))
        {
            return false;
        }

        long entering = new Room(1, bytes).Packed;
        Room held = SharedOf(seen);
        Room needed = SharedOf(seen + entering) - held;
        Room missing = needed.Beyond(_prepaid);
        if (!missing.IsNothing && !_budget.TryTake(missing, held))
        {
            return false;
        }

        // Others only leave meanwhile, so what fitted still fits, and needs less of the shared room or as
        // much.
        long after = Interlocked.Add(ref _packed, entering);
        Room surplus = Room.Max(needed, _prepaid) - (SharedOf(after) - SharedOf(after - entering));
        _prepaid = default;
        if (!surplus.IsNothing)
        {
            _budget.Return(surplus);
        }

        return true;
    }

    /// <summary>Takes out requests whose answers were sent, or can no longer be.</summary>
    internal void Leave(int count, long bytes)
    {
        long leaving = new Room(count, bytes).Packed;
        long left = Interlocked.Add(ref _packed, -leaving);
        if (left < Abandoned / 2)
        {
            return;
        }

        if (left < 0)
        {
            throw new InvalidOperationException("more requests left the connection than entered it");
        }

        // Also when nothing comes back: what this connection waits for may fit its own part now.
        _budget.Return(SharedOf(left + leaving) - SharedOf(left));
        Volatile.Read(ref _waiter)?.TrySetResult();
    }

    /// <summary>
    /// Completes when a request of that many bytes fits; shared room that it needs is put by for it then.
    /// </summary>
    internal async Task WaitForRoomAsync(long bytes, CancellationToken stop)
    {
        await WaitAsync(seen => FitsConnection(seen, bytes), stop);
        if (!NeededFor(bytes).IsNothing)
        {
            _prepaid += await _budget.TakeAsync(this, bytes, stop);
        }
    }

    /// <summary>
    /// The shared room that a request needs beyond what is put by. It shrinks as requests leave; only while
    /// the receiving loop waits may another thread ask.
    /// </summary>
    internal Room NeededFor(long bytes)
    {
        long seen = Volatile.Read(ref _packed);
        return (SharedOf(seen + new Room(1, bytes).Packed) - SharedOf(seen)).Beyond(_prepaid);
    }

    /// <summary>Completes when nothing is in flight, or what was has been abandoned.</summary>
    internal Task WaitForEmptyAsync(CancellationToken stop) =>
        WaitAsync(static seen => Room.Of(seen).Count <= 0, stop);

    /// <summary>Ends the connection for want of progress.</summary>
    internal void Evict() => _evict(
        $"it left {Count} requests with {Bytes} bytes unread or half sent for "
            + $"{_options.StallTimeout.TotalSeconds} s while others waited for room");

    /// <summary>
    /// Nobody will answer what is still in flight (the export is gone): it no longer counts in the total.
    /// What is answered all the same leaves without giving anything back, and a second call does nothing.
    /// </summary>
    internal void Abandon()
    {
        long left = Interlocked.Exchange(ref _packed, Abandoned);
        Room shared = SharedOf(left);
        if (!shared.IsNothing)
        {
            _budget.Return(shared);
        }

        Volatile.Read(ref _waiter)?.TrySetResult();
    }

    /// <summary>
    /// The connection ends. What is in flight goes on counting until the volume has answered it: the memory
    /// is not free before.
    /// </summary>
    public void Dispose()
    {
        _budget.Remove(this);
        if (!_prepaid.IsNothing)
        {
            _budget.Return(_prepaid);
            _prepaid = default;
        }
    }

    private Room SharedOf(long packed)
    {
        if (packed <= 0)
        {
            return default;
        }

        Room all = Room.Of(packed);
        return (all with { Bytes = all.Bytes + ((long)all.Count * OverheadBytes) }).Beyond(_budget.Reserve);
    }

    private bool FitsConnection(long packed, long bytes)
    {
        Room all = Room.Of(packed);
        return all.Count == 0
            || (all.Count < _options.InFlightCountMax && all.Bytes + bytes <= _options.InFlightBytesMax);
    }

    private async Task WaitAsync(Func<long, bool> isThere, CancellationToken stop)
    {
        while (true)
        {
            TaskCompletionSource waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);

            // The exchange is a full fence: who leaves after the look below sees the waiter.
            Interlocked.Exchange(ref _waiter, waiter);
            if (isThere(Volatile.Read(ref _packed)))
            {
                Volatile.Write(ref _waiter, null);
                return;
            }

            await waiter.Task.WaitAsync(stop);
        }
    }
}
