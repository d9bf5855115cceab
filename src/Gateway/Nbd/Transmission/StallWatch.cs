namespace Replication.Gateway.Nbd.Transmission;

/// <summary>
/// Finds the clients that sit on shared room: it compares what each has moved between two looks that lie the
/// stall timeout apart. Looked at only while somebody waits for room; one thread at a time.
/// </summary>
internal sealed class StallWatch(TimeSpan stallTimeout, TimeProvider time)
{
    /// <summary>A client that moves less than this in a stall timeout counts as stalled.</summary>
    private const long ProgressMinBytes = 64 << 10;

    private const int LooksPerTimeout = 4;

    private readonly Dictionary<InFlightGauge, Sample> _samples = [];
    private long? _lastLook;

    /// <summary>How long a waiting connection waits before it looks.</summary>
    internal TimeSpan CheckInterval { get; } = stallTimeout / LooksPerTimeout;

    /// <summary>All connections that transmit.</summary>
    internal IReadOnlyCollection<InFlightGauge> Holders => _samples.Keys;

    internal void Add(InFlightGauge holder) => _samples.Add(holder, default);

    internal void Remove(InFlightGauge holder) => _samples.Remove(holder);

    /// <summary>
    /// Looks at all connections, unless that was done just now; returns the stalled ones, the largest first,
    /// until they weigh <paramref name="wanted"/> together. None is returned when nothing is wanted.
    /// </summary>
    internal IReadOnlyList<InFlightGauge> Check(long wanted)
    {
        long now = time.GetTimestamp();
        TimeSpan sinceLook = _lastLook is { } last ? time.GetElapsedTime(last, now) : TimeSpan.MaxValue;
        if (sinceLook < CheckInterval / 2)
        {
            return [];
        }

        // After a pause without waiters the samples are old, and what they say of a client that was idle
        // meanwhile would be wrong.
        bool fresh = sinceLook > stallTimeout;
        _lastLook = now;
        List<InFlightGauge> stalled = [];
        foreach ((InFlightGauge holder, Sample sample) in _samples)
        {
            long moved = holder.Client.MovedBytes;
            if (fresh || !holder.Client.IsAwaited || moved - sample.MovedBytes >= ProgressMinBytes)
            {
                _samples[holder] = new Sample(now, moved);
            }
            else if (holder.Weight > 0 && time.GetElapsedTime(sample.At, now) >= stallTimeout)
            {
                stalled.Add(holder);
            }
        }

        stalled.Sort(static (one, other) => other.Weight.CompareTo(one.Weight));
        int count = 0;
        for (long freed = 0; count < stalled.Count && freed < wanted; count++)
        {
            freed += stalled[count].Weight;
        }

        return stalled[..count];
    }

    private readonly record struct Sample(long At, long MovedBytes);
}
