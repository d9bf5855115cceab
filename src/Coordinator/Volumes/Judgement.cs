using Replication.Actors;
using Replication.Coordinator.Requests;

namespace Replication.Coordinator.Volumes;

/// <summary>Children that failed together and are judged together (P13).</summary>
/// <param name="Faults">One for each child.</param>
/// <param name="Waiter">The coordinator that is told; null for a request that did not wait for it.</param>
internal sealed record Judgement(IReadOnlyList<ChildFault> Faults, IActorRef? Waiter)
{
    /// <summary>Tells who waits whether the children are recorded Stale.</summary>
    internal void Tell(bool recorded, IActorRef self) => Waiter?.Tell(new ChildrenJudged(recorded), self);
}
