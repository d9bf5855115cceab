namespace Replication.TestKit.Simulation;

/// <summary>
/// One timer of virtual time. Changing it makes what waits in the queue for it void, by its version.
/// </summary>
internal sealed class VirtualTimer(
    TimerQueue queue, SimulatedNode? node, TimerCallback callback, object? state)
    : ITimer
{
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private long _heldVersion;
    private bool _disposed;

    /// <summary>
    /// The node in whose life the timer was made: it fires neither in a pause nor after a crash.
    /// </summary>
    internal SimulatedNode? Node { get; } = node;

    /// <summary>Raised by each change; a queued firing of an older version is void.</summary>
    internal long Version { get; private set; }

    internal bool IsQueued { get; private set; }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        if (_disposed)
        {
            return false;
        }

        Void();
        _period = period;
        if (dueTime != Timeout.InfiniteTimeSpan)
        {
            IsQueued = true;
            queue.Enqueue(this, dueTime);
        }

        return true;
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            Void();
            _disposed = true;
        }
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Fires, or waits with its paused node. A periodic timer is due again a period after this firing.
    /// </summary>
    internal void Fire()
    {
        if (Node is { IsPaused: true })
        {
            IsQueued = false;
            _heldVersion = Version;
            Node.Hold(this);
            return;
        }

        FireNow();
    }

    /// <summary>
    /// The node goes on: fires now, unless the timer was changed or disposed during the pause.
    /// </summary>
    internal void FireLate()
    {
        if (_heldVersion == Version)
        {
            FireNow();
        }
    }

    private void FireNow()
    {
        IsQueued = false;
        Version++;
        if (_period > TimeSpan.Zero)
        {
            IsQueued = true;
            queue.Enqueue(this, _period);
        }

        callback(state);
    }

    private static void Check(TimeSpan span, string name)
    {
        if (span < TimeSpan.Zero && span != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(
                name, span, "a timer's spans are zero, positive or infinite");
        }
    }

    private void Void()
    {
        Version++;
        if (IsQueued)
        {
            IsQueued = false;
            queue.CountVoid();
        }
    }
}
