namespace Replication.Gateway.Tests.Qmp;

/// <summary>Time that stands still but for <see cref="Advance"/>; its timers fire within that.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override ITimer CreateTimer(
        TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ManualTimer timer = new(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves on, timer by timer in the order in which they are due.</summary>
    internal void Advance(TimeSpan by)
    {
        DateTimeOffset end = GetUtcNow() + by;
        while (TakeNextDue(end) is { } fire)
        {
            fire();
        }
    }

    private Action? TakeNextDue(DateTimeOffset end)
    {
        lock (_lock)
        {
            ManualTimer? next = _timers.Where(timer => timer.DueAt <= end).MinBy(static timer => timer.DueAt);
            _now = next?.DueAt ?? end;
            if (next is not null)
            {
                _timers.Remove(next);
            }

            return next?.Fire;
        }
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        internal DateTimeOffset DueAt { get; private set; }

        internal Action Fire { get; } = fire;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Assert.Equal(Timeout.InfiniteTimeSpan, period);
            lock (time._lock)
            {
                time._timers.Remove(this);
                DueAt = time._now + dueTime;
                time._timers.Add(this);
                return true;
            }
        }

        public void Dispose()
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
