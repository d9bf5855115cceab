using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Requests;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Judges children that fail (P13, P15): all that failed one request together, one change of the record at a
/// time, in order. Runs within the volume's actor.
/// </summary>
internal sealed class ChildJudge(ChildTable children, RecordKeeper record, TimeProvider time)
{
    // At most one for each running request, and one for each child: both are bounded.
    private readonly Queue<Judgement> _waiting = new();

    /// <summary>
    /// Takes children out of use that cannot be talked to under their present session, before anything else
    /// is sent to them; returns what the running requests are to be told. A child that is copied to goes out
    /// by any failure: it is opened anew, and what was copied counts for nothing (P20).
    /// </summary>
    internal IReadOnlyList<ChildLost> TakeOut(IReadOnlyList<ChildFault> faults)
    {
        List<ChildLost> lost = [];
        foreach (ChildFault fault in faults)
        {
            if (children.Find(fault.ChildIndex) is not { IsOpen: true } slot || fault.Session != slot.Session
                || (fault.Kind == FaultKind.WriteFailed && slot.IsSynced))
            {
                continue;
            }

            slot.SetNotOpen(ChildLink.Out, fault.Reason);
            if (fault.Kind == FaultKind.IncarnationLost)
            {
                slot.Distrust();
            }

            if (!slot.IsSynced)
            {
                slot.SetBack(time.GetTimestamp());
            }

            lost.Add(new ChildLost(fault.ChildIndex, fault.Session, fault.Errno, fault.Reason));
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
            fault.Kind == FaultKind.Refused
            && children.Find(fault.ChildIndex) is { IsOpen: true } slot && slot.Session == fault.Session);
        return refused is null
            ? null
            : $"{children.Find(refused.ChildIndex)!.NodeName} has accepted another owner: {refused.Reason}";
    }

    internal void Enqueue(IReadOnlyList<ChildFault> faults, IActorRef? waiter) =>
        _waiting.Enqueue(new Judgement(faults, waiter));

    /// <summary>
    /// Decides what waits, until a change of the record is under way or nothing is left. Children are
    /// recorded Stale where at least t remain that are Synced and open; otherwise nothing is recorded, and
    /// the request fails (P15).
    /// </summary>
    /// <param name="mayRecord">False: the volume changes nothing at present.</param>
    /// <param name="changes">Where the record is changed.</param>
    /// <param name="self">The volume.</param>
    /// <returns>
    /// True when a child that stays Synced has lost its memory of unflushed writes: a takeover decides (P12).
    /// </returns>
    internal bool Process(bool mayRecord, RecordChanges changes, IActorRef self)
    {
        bool hasLostMemory = false;
        while (!record.IsChanging && TakeNext(self) is { } next)
        {
            if (mayRecord && children.OpenSyncedWithout(next.Faults) >= record.Record.Options.Threshold)
            {
                RecordPurpose purpose = new("failed", recorded => next.Tell(recorded, self))
                {
                    Faults = next.Faults,
                };
                if (changes.Begin(Stale(next), purpose) is { } refusal)
                {
                    throw new InvalidOperationException($"a judgement is not to be recorded: {refusal}");
                }

                return hasLostMemory;
            }

            next.Tell(recorded: false, self);
            hasLostMemory |= next.Faults.Any(static fault => fault.Kind == FaultKind.IncarnationLost);
        }

        return hasLostMemory;
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
                        .Where(fault => children.Find(fault.ChildIndex) is { IsSynced: true })
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

    /// <summary>
    /// A child has a newer session since: nothing that was acknowledged relies on what failed under the old
    /// one.
    /// </summary>
    private bool IsOfThePast(ChildFault fault) => children.Find(fault.ChildIndex)!.Session != fault.Session;
}
