using Replication.Actors.Mailboxes;

namespace Replication.Actors.Timing;

/// <summary>
/// Messages sent later, for those who are not actors; actors use their own timers. Safe from any thread.
/// </summary>
public sealed class Scheduler
{
    private readonly TimeProvider _time;

    internal Scheduler(TimeProvider time) => _time = time;

    /// <summary>Sends once after a delay; disposing the result before that takes it back.</summary>
    public IDisposable TellOnce(TimeSpan delay, IActorRef target, object message, IActorRef? sender = null) =>
        _time.CreateTimer(_ => target.Tell(message, sender), state: null, delay, Timeout.InfiniteTimeSpan);

    internal void SystemOnce(TimeSpan delay, InternalActorRef target, SystemMessage message) =>
        _time.CreateTimer(_ => target.TellSystem(message), state: null, delay, Timeout.InfiniteTimeSpan);
}
