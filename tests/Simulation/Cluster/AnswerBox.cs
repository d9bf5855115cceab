using Replication.Actors;

namespace Replication.Simulation.Cluster;

/// <summary>Keeps the last thing that it was told.</summary>
internal sealed class AnswerBox : CallbackRef
{
    internal object? Answer { get; private set; }

    protected override void OnMessage(object message, IActorRef? sender) => Answer = message;
}
