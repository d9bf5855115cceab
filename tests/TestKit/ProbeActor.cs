using Replication.Actors;

namespace Replication.TestKit;

/// <summary>The actor behind a probe: keeps what it is told, and watches for it.</summary>
internal sealed class ProbeActor(TestProbe probe) : Actor
{
    protected override void Receive(object message)
    {
        switch (message)
        {
            case WatchCommand watch:
                Context.Watch(watch.Actor);
                break;
            case UnwatchCommand unwatch:
                Context.Unwatch(unwatch.Actor);
                break;
            default:
                probe.Take(message, Sender);
                break;
        }
    }

    internal sealed record WatchCommand(IActorRef Actor);

    internal sealed record UnwatchCommand(IActorRef Actor);
}
