using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Requests;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Judges children that fail (P13, P15): all that failed one request together, one change of the record at a
/// time, in order. Runs within the volume's actor.
/// </summary>
internal sealed class ChildJudge(ChildTable children, RecordKeeper record)
{
    // At most one for each running request, and one for each child: both are bounded.
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

    /// <summary>
    /// Why the volume has to stop at once: another owner is there, and not just a newer session of this one
    /// (P11). Null when there is none.
    /// </summary>
    internal string? DeposerAmong(IReadOnlyList<ChildFault> faults)
    {
        ChildFault? refused = faults.FirstOrDefault(fault =>
            fault.Kind == FaultKind.Refused && SlotOf(fault).IsOpen && !IsOfThePast(fault));
        return refused is null
            ? null
            : $"{SlotOf(refused).NodeName} has accepted another owner: {refused.Reason}";
    }

    internal void Enqueue(IReadOnlyList<ChildFault> faults, IActorRef? waiter) =>
        _waiting.Enqueue(new Judgement(faults, waiter));

    /// <summary>
    /// Decides what waits, until a change of the record is under way or nothing is left. Children are
    /// recorded Stale where at least t remain that are Synced and open; otherwise nothing is recorded, and
    /// the request fails (P15). Returns why the volume has to stop, or null.
    /// </summary>
    /// <param name="mayRecord">False: the volume has stopped and changes nothing any more.</param>
    /// <param name="self">The volume.</param>
    internal string? Process(bool mayRecord, IActorRef self)
    {
        while (!record.IsChanging && TakeNext(self) is { } next)
        {
            string? refusal = null;
            if (mayRecord && children.OpenSyncedWithout(next.Faults) >= record.Record.Options.Threshold)
            {
                refusal = record.Begin(Stale(next), new RecordStale(next), self);
                if (refusal is null)
                {
                    return null;
                }
            }

            next.Tell(recorded: false, self);
            if ((refusal ?? LossIn(next)) is { } reason)
            {
                return reason;
            }
        }

        return null;
    }

    /// <summary>
    /// A judgement stands in the record. Its children count for nothing any more: what is returned has the
    /// running requests wait for them no longer.
    /// </summary>
    internal IReadOnlyList<ChildLost> OnRecorded(
        Judgement judgement, IActorContext volume, VolumeHerald herald)
    {
        List<ChildLost> lost = [];
        DateTimeOffset now = volume.System.Options.Time.GetUtcNow();
        foreach (ChildSlot slot in children.Apply(record.Record, judgement.Faults, now))
        {
            if (slot.Replica is not null)
            {
                volume.Unwatch(slot.Replica);
            }

            ChildFault fault = judgement.Faults.First(one => one.ChildIndex == slot.Record.Index);
            lost.Add(new ChildLost(fault.ChildIndex, fault.Session, fault.Errno, fault.Reason));
            herald.AnnounceState(record.Record.Name, slot);
        }

        return lost;
    }

    /// <summary>
    /// The next judgement that wants a decision, on children that are Synced still; null when there is none.
    /// Those that ask only for what is recorded already are answered on the way.
    /// </summary>
    private Judgement? TakeNext(IActorRef self)
    {
        while (_waiting.TryDequeue(out Judgement? next))
        {
            Judgement open = next with
            {
                Faults =
                [
                    .. next.Faults
                        .Where(fault => SlotOf(fault).IsSynced)
                        .Where(fault => next.Waiter is not null || !IsOfThePast(fault))
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
    private RecordChange Stale(Judgement judgement) => record.Record.WithStates(
    [
        .. judgement.Faults.Select(static fault =>
            new ChildStateChange(fault.ChildIndex, ChildState.Stale)),
    ]);

    /// <summary>A child that lost its memory and stays recorded Synced stops the volume (P12).</summary>
    private string? LossIn(Judgement judgement)
    {
        ChildFault? lost =
            judgement.Faults.FirstOrDefault(static fault => fault.Kind == FaultKind.IncarnationLost);
        return lost is null
            ? null
            : $"{SlotOf(lost).NodeName} may have lost writes ({lost.Reason}) and too few others are in sync";
    }

    /// <summary>
    /// A child has a newer session since: nothing that was acknowledged relies on what failed under the old
    /// one.
    /// </summary>
    private bool IsOfThePast(ChildFault fault) => SlotOf(fault).Session != fault.Session;

    private ChildSlot SlotOf(ChildFault fault) => children.Find(fault.ChildIndex)
        ?? throw new InvalidOperationException($"there is no child {fault.ChildIndex}");
}
