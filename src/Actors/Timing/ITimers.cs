namespace Replication.Actors.Timing;

/// <summary>
/// Timers of one actor, by key: starting a key again replaces it, and a firing that was already on its way is
/// then not delivered. All end with the actor's life, restarts included.
/// </summary>
public interface ITimers
{
    /// <summary>
    /// Sends <paramref name="message"/> to the actor itself once, after <paramref name="delay"/>.
    /// </summary>
    void StartSingle(object key, object message, TimeSpan delay);

    /// <summary>
    /// Sends <paramref name="message"/> to the actor itself every <paramref name="interval"/>; while one such
    /// message waits in the mailbox, no second one is added.
    /// </summary>
    void StartPeriodic(object key, object message, TimeSpan interval);

    /// <summary>True while a timer of that key runs.</summary>
    bool IsActive(object key);

    /// <summary>Ends the timer of that key, if there is one.</summary>
    void Cancel(object key);
}
