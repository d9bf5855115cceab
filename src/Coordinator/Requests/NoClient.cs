using Replication.Actors;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>Nobody waits for the answers to the owner's own requests: their end is what counts.</summary>
internal sealed class NoClient : CallbackRef
{
    private NoClient()
    {
    }

    internal static NoClient Instance { get; } = new();

    protected override void OnMessage(object message, IActorRef? sender) =>
        (message as RangeRead)?.Data.Release();
}
