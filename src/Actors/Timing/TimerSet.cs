using Replication.Actors.Mailboxes;

namespace Replication.Actors.Timing;

/// <summary>
/// A timer's firing on its way through the mailbox: counts only if the timer was not replaced meanwhile.
/// </summary>
internal sealed class TimerFired(object key, object message, bool periodic) : KernelMessage
{
    private int _waits;

    internal object Key { get; } = key;

    internal object Message { get; } = message;

    internal bool Periodic { get; } = periodic;

    internal ITimer? Timer { get; set; }

    internal override object Visible => Message;

    /// <summary>
    /// True when no firing of this timer waits in the mailbox already: an actor that is slower than its timer
    /// gets one tick at a time instead of a queue of them. May run on any thread.
    /// </summary>
    internal bool TryBeginWait() => Interlocked.Exchange(ref _waits, 1) == 0;

    internal void EndWait() => Volatile.Write(ref _waits, 0);
}

/// <summary>The timers of one cell, on the system's time provider.</summary>
internal sealed class TimerSet(ActorCell cell) : ITimers
{
    // By insertion order, so that cancelling all of them is the same in every run.
    private readonly OrderedDictionary<object, TimerFired> _timers = [];

    public void StartSingle(object key, object message, TimeSpan delay) =>
        Start(new TimerFired(key, message, periodic: false), delay, Timeout.InfiniteTimeSpan);

    public void StartPeriodic(object key, object message, TimeSpan interval) =>
        Start(new TimerFired(key, message, periodic: true), interval, interval);

    public bool IsActive(object key) => _timers.ContainsKey(key);

    public void Cancel(object key)
    {
        if (_timers.Remove(key, out TimerFired? fired))
        {
            fired.Timer?.Dispose();
        }
    }

    internal bool Accepts(TimerFired fired)
    {
        fired.EndWait();
        if (!_timers.TryGetValue(fired.Key, out TimerFired? current) || !ReferenceEquals(current, fired))
        {
            return false;
        }

        if (!fired.Periodic)
        {
            _timers.Remove(fired.Key);
            fired.Timer?.Dispose();
        }

        return true;
    }

    internal void CancelAll()
    {
        foreach (TimerFired fired in _timers.Values)
        {
            fired.Timer?.Dispose();
        }

        _timers.Clear();
    }

    private void Start(TimerFired fired, TimeSpan delay, TimeSpan period)
    {
        Cancel(fired.Key);
        _timers.Add(fired.Key, fired);
        LocalActorRef self = cell.LocalSelf;
        fired.Timer = cell.System.Options.Time.CreateTimer(
            _ =>
            {
                if (fired.TryBeginWait())
                {
                    self.TellKernel(fired, self);
                }
            },
            state: null,
            delay,
            period);
    }
}
