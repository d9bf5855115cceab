using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Requests;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Judges children that fail (P13, P15): all that failed one request together, one change of the record at a
/// time, in order. Whether a change is made is the volume's. Runs within the volume's actor.
/// </summary>
internal sealed class ChildJudge(ChildTable children)
{
    private readonly Queue<Judgement> _waiting = new();

    /// <summary>
    /// Takes children out of use that cannot be talked to under their present session, before anything else
    /// is sent to them; returns what the running requests are to be told.
    /// </summary>
    internal IReadOnlyList<ChildLost> TakeOut(IReadOnlyList<ChildFault> faults)
    {
        List<ChildLost> lost = [];
        foreach (ChildFault fault in faults)
        {
            ChildSlot slot = SlotOf(fault);
            if (fault.Kind != FaultKind.WriteFailed && slot.IsOpen && fault.Session == slot.Session)
            {
                slot.SetNotOpen(ChildLink.Out, fault.Reason);
                lost.Add(new ChildLost(fault.ChildIndex, fault.Session, fault.Errno, fault.Reason));
            }
        }

        return lost;
    }

    /// <summary>True when another owner is there, and not just a newer session of this one (P11).</summary>
    internal bool IsDeposed(ChildFault fault)
    {
        ChildSlot slot = SlotOf(fault);
        return fault.Kind == FaultKind.Refused && slot.IsOpen && fault.Session == slot.Session;
    }

    internal void Enqueue(IReadOnlyList<ChildFault> faults, IActorRef? waiter) =>
        _waiting.Enqueue(new Judgement(faults, waiter));

    /// <summary>
    /// The next judgement that wants a decision, on children that are Synced still; null when there is none.
    /// Those that ask only for what is recorded already are answered on the way.
    /// </summary>
    internal Judgement? TakeNext(IActorRef self)
    {
        while (_waiting.TryDequeue(out Judgement? next))
        {
            Judgement open = next with
            {
                Faults =
                [
                    .. next.Faults
                        .Where(fault => SlotOf(fault).IsSynced && !(next.Waiter is null && IsOfThePast(fault)))
                        .DistinctBy(static fault => fault.ChildIndex),
                ],
            };
            if (open.Faults.Count > 0)
            {
                return open;
            }

            next.Tell(recorded: true, self);
        }

        return null;
    }

    /// <summary>Calls the children of a judgement Stale, all in one change.</summary>
    internal static RecordChange Stale(VolumeRecord record, Judgement judgement) => record.WithStates(
        [.. judgement.Faults.Select(static fault => new ChildStateChange(fault.ChildIndex, ChildState.Stale))]);

    /// <summary>
    /// A child has a newer session since: nothing that was acknowledged relies on what failed under the old
    /// one.
    /// </summary>
    private bool IsOfThePast(ChildFault fault) => SlotOf(fault).Session != fault.Session;

    private ChildSlot SlotOf(ChildFault fault) => children.Find(fault.ChildIndex)
        ?? throw new InvalidOperationException($"there is no child {fault.ChildIndex}");
}
