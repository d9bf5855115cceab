namespace Replication.Gateway.Nbd.Transmission;

/// <summary>
/// Counts one connection's requests and their bytes from reading to the end of sending the answer. Only the
/// receiving loop enters and waits; leaving is for any thread. Count and bytes share one number, so both
/// change at once.
/// </summary>
internal sealed class InFlightGauge(int countMax, long bytesMax)
{
    private const int CountShift = 44;
    private const long BytesMask = (1L << CountShift) - 1;

    private long _packed;
    private TaskCompletionSource? _waiter;

    /// <summary>Requests in flight.</summary>
    internal int Count => (int)(Volatile.Read(ref _packed) >> CountShift);

    /// <summary>Bytes in flight.</summary>
    internal long Bytes => Volatile.Read(ref _packed) & BytesMask;

    /// <summary>Adds a request, or says that it does not fit now. Alone, every request fits.</summary>
    internal bool TryEnter(long bytes)
    {
        long seen = Volatile.Read(ref _packed);
        long count = seen >> CountShift;
        if (count > 0 && (count >= countMax || (seen & BytesMask) + bytes > bytesMax))
        {
            return false;
        }

        // Others only leave meanwhile, so what fitted still fits.
        Interlocked.Add(ref _packed, (1L << CountShift) + bytes);
        return true;
    }

    /// <summary>Takes out requests whose answers were sent, or can no longer be.</summary>
    internal void Leave(int count, long bytes)
    {
        long left = Interlocked.Add(ref _packed, -(((long)count << CountShift) + bytes));
        if (left < 0)
        {
            throw new InvalidOperationException("more requests left the connection than entered it");
        }

        Volatile.Read(ref _waiter)?.TrySetResult();
    }

    /// <summary>Completes when a request of that many bytes fits.</summary>
    internal Task WaitForRoomAsync(long bytes, CancellationToken stop) =>
        WaitAsync(bytes, empty: false, stop);

    /// <summary>Completes when nothing is in flight.</summary>
    internal Task WaitForEmptyAsync(CancellationToken stop) => WaitAsync(0, empty: true, stop);

    private async Task WaitAsync(long bytes, bool empty, CancellationToken stop)
    {
        while (true)
        {
            TaskCompletionSource waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);

            // The exchange is a full fence: who leaves after the look below sees the waiter.
            Interlocked.Exchange(ref _waiter, waiter);
            if (Count == 0 || (!empty && Fits(bytes)))
            {
                Volatile.Write(ref _waiter, null);
                return;
            }

            await waiter.Task.WaitAsync(stop);
        }
    }

    private bool Fits(long bytes) => Count < countMax && Bytes + bytes <= bytesMax;
}
