namespace Replication.TestKit.Simulation;

/// <summary>
/// The seeded half of the seam for time. It stands still while anything can run, and jumps to the next timer
/// when nothing can; callbacks run on the thread that pumps the world.
/// </summary>
public sealed class VirtualTime : TimeProvider
{
    private static readonly DateTimeOffset Beginning = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TimerQueue _queue;
    private readonly SimulatedNode? _node;

    internal VirtualTime(TimerQueue queue, SimulatedNode? node)
    {
        _queue = queue;
        _node = node;
    }

    /// <summary>Time since the world began.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(_queue.NowTicks);

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp() => _queue.NowTicks;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Beginning + Elapsed;

    /// <inheritdoc/>
    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        VirtualTimer timer = new(_queue, _node, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}
