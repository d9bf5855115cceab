using Replication.Actors.Disk;
using Replication.Coordinator.Events;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Voting;
using Replication.Messages;

namespace Replication.Coordinator.Resync;

/// <summary>
/// Makes one region of one target agree with the vote of the children (P20). Where copies run from the
/// continuous children alone (P12 b), the version is chosen as in a reconcile (P18).
/// </summary>
internal sealed class CopyCoordinator(
    RequestFrame frame, CopyRegion request, RegionTask task, bool hasCompany) : RegionCoordinator(frame, task)
{
    private readonly int _target = PositionOf(frame.View, request);

    protected override QuorumOperation Operation => QuorumOperation.Read;

    protected override bool IsCompared(int position) => !IsTarget(position) || position == _target;

    protected override bool IsWritten(int position) => position == _target;

    protected override FaultKind FaultOfWrite(int position) => FaultKind.Out;

    protected override void Begin()
    {
        if (_target < 0)
        {
            Answer(new RegionNotCopied("the child has no such session any more"));
            End();
            return;
        }

        base.Begin();
    }

    protected override void Decide(RegionVote vote)
    {
        if (View.IsSource)
        {
            vote.DecideByMajorityOrFirst();
            return;
        }

        vote.DecideByThreshold(View.Threshold);
        for (int position = 0; position < View.Children.Length; position++)
        {
            if (vote.Disagrees(position))
            {
                ReportBad(QuorumOperation.Read, position, errno: 0);
                Note(new ChildNote(View.Children[position].Index, VotesLost: 1));
            }
        }
    }

    protected override void OnAbandoned()
    {
        Answer(IsOut(_target)
            ? new RegionNotCopied("the child went out")
            : new RangeFailed(Errno.InputOutput, "a child that is copied from went out"));
        End();
    }

    protected override void OnApplied()
    {
        Answer(IsOut(_target)
            ? new RegionNotCopied("the child failed a copy")
            : new RegionCopied(WrittenBytes, hasCompany));
        End();
    }

    private static int PositionOf(VolumeView view, CopyRegion request)
    {
        for (int position = view.Children.Length; position < view.PositionCount; position++)
        {
            ChildView child = view.At(position);
            if (child.Index == request.ChildIndex && child.Ticket.Session == request.Session)
            {
                return position;
            }
        }

        return -1;
    }
}
