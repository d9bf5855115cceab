using Replication.Actors;
using Replication.Coordinator.Observing;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Answers requests that do not run, returns what they carry, and has it reported. Runs within the volume's
/// actor.
/// </summary>
internal sealed class RequestRefusals(IActorContext volume, RequestTable requests, RequestReporter? reporter)
{
    /// <summary>One that was never admitted gets a number all the same: reports name it by that.</summary>
    internal void Refuse(RangeRequest request, IActorRef client, RangeFailed refusal) => Refuse(
        new LiveRequest(requests.NextId(), request, client)
        {
            ArrivedAt = volume.System.Options.Time.GetTimestamp(),
        },
        refusal);

    /// <summary>One that was admitted; its lock, if it has one, is the caller's to release.</summary>
    internal void Refuse(LiveRequest live, RangeFailed refusal)
    {
        reporter?.OnRefused(live, refusal);
        LiveRequest.Drop(live.Request);
        live.Client.Tell(refusal, volume.Self);
    }
}
