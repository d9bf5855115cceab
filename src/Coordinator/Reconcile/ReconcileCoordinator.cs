using Replication.Actors.Disk;
using Replication.Coordinator.Events;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Voting;
using Replication.Messages;

namespace Replication.Coordinator.Reconcile;

/// <summary>
/// Makes every child agree on what a failed write or a takeover left behind (P18), under a fresh stamp. It is
/// done when all Synced children have it, by the write rule (P15).
/// </summary>
internal sealed class ReconcileCoordinator(RequestFrame frame, RegionTask task)
    : RegionCoordinator(frame, task)
{
    private bool _applied;

    protected override bool IsApplied => _applied;

    protected override QuorumOperation Operation => QuorumOperation.Write;

    protected override bool IsCompared(int position) => true;

    protected override bool IsWritten(int position) => true;

    protected override void Decide(RegionVote vote) => vote.DecideByMajorityOrFirst();

    protected override FaultKind FaultOfWrite(int position) =>
        IsTarget(position) ? FaultKind.Out : FaultKind.WriteFailed;

    protected override void OnAbandoned()
    {
        Answer(new RangeFailed(Errno.InputOutput, "a child went out"));
        End();
    }

    protected override void OnApplied()
    {
        IReadOnlyList<ChildFault> faults = TakeFaultsOfChildren();
        if (faults.Count == 0)
        {
            Conclude(applied: true);
        }
        else
        {
            TellVolume(new JudgeChildren(RequestId, faults));
        }
    }

    protected override void OnOther(object message)
    {
        if (message is ChildrenJudged judged)
        {
            Conclude(judged.Recorded);
        }
        else
        {
            Unhandled(message);
        }
    }

    private void Conclude(bool applied)
    {
        _applied = applied;
        Answer(applied
            ? RangeDone.Instance
            : new RangeFailed(Errno.InputOutput, "children failed that could not be recorded"));
        End();
    }
}
