namespace Replication.Host.Telemetry;

/// <summary>Turns timestamps into times of day, all of one span by the same look at the clock.</summary>
internal readonly struct SpanTimes(TimeProvider time)
{
    private readonly DateTimeOffset _now = time.GetUtcNow();
    private readonly long _nowStamp = time.GetTimestamp();

    /// <summary>When that was, in UTC.</summary>
    public DateTimeOffset Of(long timestamp) => _now - time.GetElapsedTime(timestamp, _nowStamp);
}
