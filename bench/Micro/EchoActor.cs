using Replication.Actors;

namespace Replication.Micro;

/// <summary>Gives back what it is told.</summary>
internal sealed class EchoActor : Actor
{
    protected override void Receive(object message) => Sender.Tell(message, Self);
}
