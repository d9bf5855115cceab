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

    private const int CountShift = 44;
    private const long BytesMask = (1L << CountShift) - 1;

    /// <summary>Far below what leaving requests can bring a number to that once was positive.</summary>
    private const long Abandoned = long.MinValue / 2;

    private readonly NbdServerOptions _options;
    private readonly InFlightBudget _budget;
    private readonly Action<string> _evict;
    private long _packed;
    private long _prepaid;
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
    internal int Count => CountOf(Volatile.Read(ref _packed));

    /// <summary>Bytes of data in flight.</summary>
    internal long Bytes => BytesOf(Volatile.Read(ref _packed));

    /// <summary>What the connection holds of the shared room.</summary>
    internal long SharedBytes => SharedOf(Volatile.Read(ref _packed));

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

        long entering = (1L << CountShift) + bytes;
        long needed = SharedOf(seen + entering) - SharedOf(seen);
        if (needed > _prepaid && !_budget.TryTake(needed - _prepaid, SharedOf(seen)))
        {
            return false;
        }

        // Others only leave meanwhile, so what fitted still fits, and needs less of the shared room or as
        // much.
        long after = Interlocked.Add(ref _packed, entering);
        long surplus = Math.Max(needed, _prepaid) - (SharedOf(after) - SharedOf(after - entering));
        _prepaid = 0;
        if (surplus > 0)
        {
            _budget.Return(surplus);
        }

        return true;
    }

    /// <summary>Takes out requests whose answers were sent, or can no longer be.</summary>
    internal void Leave(int count, long bytes)
    {
        long leaving = ((long)count << CountShift) + bytes;
        long left = Interlocked.Add(ref _packed, -leaving);
        if (left < Abandoned / 2)
        {
            return;
        }

        if (left < 0)
        {
            throw new InvalidOperationException("more requests left the connection than entered it");
        }

        long shared = SharedOf(left + leaving) - SharedOf(left);
        if (shared > 0)
        {
            _budget.Return(shared);
        }

        Volatile.Read(ref _waiter)?.TrySetResult();
    }

    /// <summary>
    /// Completes when a request of that many bytes fits; shared room that it needs is put by for it then.
    /// </summary>
    internal async Task WaitForRoomAsync(long bytes, CancellationToken stop)
    {
        await WaitAsync(seen => FitsConnection(seen, bytes), stop);
        long seen = Volatile.Read(ref _packed);
        long needed = SharedOf(seen + (1L << CountShift) + bytes) - SharedOf(seen) - _prepaid;
        if (needed > 0)
        {
            await _budget.TakeAsync(this, needed, stop);
            _prepaid += needed;
        }
    }

    /// <summary>Completes when nothing is in flight, or what was has been abandoned.</summary>
    internal Task WaitForEmptyAsync(CancellationToken stop) =>
        WaitAsync(static seen => CountOf(seen) <= 0, stop);

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
        if (SharedOf(left) is var shared and > 0)
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
        if (_prepaid > 0)
        {
            _budget.Return(_prepaid);
            _prepaid = 0;
        }
    }

    private static int CountOf(long packed) => (int)(packed >> CountShift);

    private static long BytesOf(long packed) => packed & BytesMask;

    private long SharedOf(long packed) => packed <= 0
        ? 0
        : Math.Max(0, BytesOf(packed) + ((long)CountOf(packed) * OverheadBytes) - _budget.ReserveBytes);

    private bool FitsConnection(long packed, long bytes) => CountOf(packed) == 0
        || (CountOf(packed) < _options.InFlightCountMax
            && BytesOf(packed) + bytes <= _options.InFlightBytesMax);

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
