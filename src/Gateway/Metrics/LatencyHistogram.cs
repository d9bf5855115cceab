using System.Collections.Immutable;

namespace Replication.Gateway.Metrics;

/// <summary>
/// Counts how long things took, in buckets from 50 µs to 30 s. Recording is for any thread and allocates
/// nothing: a search over 18 bounds and two interlocked additions.
/// </summary>
/// <param name="mirror">Is told the same; null for nobody.</param>
public sealed class LatencyHistogram(ILatencyMirror? mirror = null)
{
    /// <summary>The buckets' upper bounds; what took longer than the last falls into one more.</summary>
    public static readonly ImmutableArray<double> BoundsSeconds =
    [
        0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
        1, 2.5, 5, 10, 30,
    ];

    private static readonly long[] BoundsTicks =
        [.. BoundsSeconds.Select(static bound => (long)Math.Round(bound * TimeSpan.TicksPerSecond))];

    private readonly long[] _counts = new long[BoundsTicks.Length + 1];
    private long _sumTicks;

    /// <summary>One more; negative times, of clocks that were set back, count as none.</summary>
    public void Record(TimeSpan elapsed)
    {
        long ticks = Math.Max(0, elapsed.Ticks);
        int bucket = 0;
        while (bucket < BoundsTicks.Length && ticks > BoundsTicks[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _counts[bucket]);
        Interlocked.Add(ref _sumTicks, ticks);
        mirror?.Record((double)ticks / TimeSpan.TicksPerSecond);
    }

    /// <summary>
    /// As it stands; what is recorded meanwhile may be in the counts and not yet in the sum.
    /// </summary>
    public HistogramSnapshot Take()
    {
        double sumSeconds = (double)Interlocked.Read(ref _sumTicks) / TimeSpan.TicksPerSecond;
        ImmutableArray<long>.Builder counts = ImmutableArray.CreateBuilder<long>(_counts.Length);
        for (int bucket = 0; bucket < _counts.Length; bucket++)
        {
            counts.Add(Interlocked.Read(ref _counts[bucket]));
        }

        return new HistogramSnapshot(counts.MoveToImmutable(), sumSeconds);
    }
}
