namespace Replication.Gateway.Metrics;

/// <summary>
/// Requests of one kind: how many went well, how many did not, their bytes, how long they took. Counting is
/// for any thread and allocates nothing.
/// </summary>
/// <param name="mirror">Is told of the latencies too; null for nobody.</param>
public sealed class RequestSeries(ILatencyMirror? mirror = null)
{
    private long _succeeded;
    private long _failed;
    private long _bytes;

    /// <summary>Requests that went well.</summary>
    public long Succeeded => Interlocked.Read(ref _succeeded);

    /// <summary>Requests that failed.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Bytes of those that went well.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How long all of them took.</summary>
    public LatencyHistogram Duration { get; } = new(mirror);

    /// <summary>One more.</summary>
    /// <param name="succeeded">Whether it went well.</param>
    /// <param name="bytes">What it was about; counted only if it went well.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Count(bool succeeded, long bytes, TimeSpan elapsed)
    {
        if (succeeded)
        {
            Interlocked.Increment(ref _succeeded);
            Interlocked.Add(ref _bytes, bytes);
        }
        else
        {
            Interlocked.Increment(ref _failed);
        }

        Duration.Record(elapsed);
    }
}
