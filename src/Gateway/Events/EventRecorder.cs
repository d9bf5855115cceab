using Replication.Actors;
using Replication.Coordinator.Events;

namespace Replication.Gateway.Events;

/// <summary>
/// The subscriber that hands events from a system's event stream to the log, without waiting for it.
/// </summary>
/// <param name="log">Stays its owner's; it must outlive the subscription.</param>
public sealed class EventRecorder(EventLog log) : CallbackRef
{
    /// <inheritdoc/>
    protected override void OnMessage(object message, IActorRef? sender)
    {
        if (message is VolumeEvent happened)
        {
            log.Append(happened);
        }
    }
}
