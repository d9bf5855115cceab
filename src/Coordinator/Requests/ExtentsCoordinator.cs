using Replication.Actors.Disk;
using Replication.Coordinator.Events;
using Replication.Coordinator.Voting;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>
/// Says what surely reads zero: a hole only where at least q Synced children say so in this epoch and none
/// says data (P14). A child that cannot say counts for nothing, and where too few can, everything is data.
/// </summary>
/// <param name="frame">See <see cref="RequestFrame"/>.</param>
/// <param name="request">What is asked.</param>
/// <param name="isData">True when the range is to be reconciled, or bad: it is data (P17, P22).</param>
internal sealed class ExtentsCoordinator(RequestFrame frame, QueryRangeExtents request, bool isData)
    : RequestCoordinator(frame)
{
    private readonly IReadOnlyList<DiskExtent>?[] _extents =
        new IReadOnlyList<DiskExtent>?[frame.View.Children.Length];
    private readonly bool[] _owes = new bool[frame.View.Children.Length];
    private int _owed;

    protected override (long OffsetBytes, long LengthBytes) Range =>
        (request.OffsetBytes, request.LengthBytes);

    protected override QuorumOperation Operation => QuorumOperation.Read;

    protected override void Begin()
    {
        if (isData)
        {
            Answer(new RangeExtents(
                [new DiskExtent(request.OffsetBytes, request.LengthBytes, IsHole: false)]));
            End();
            return;
        }

        _owed = View.Children.Length;
        for (int position = 0; position < View.Children.Length; position++)
        {
            _owes[position] = true;
            int tag = RequestTag.Of(RequestStep.Collect, position);
            Ask(position, new QueryReplicaExtents(
                tag, View.Children[position].Ticket, request.OffsetBytes, request.LengthBytes));
        }
    }

    protected override bool Owes(int position) => _owes[position];

    protected override void OnReply(ReplicaReply reply)
    {
        int position = RequestTag.PositionOf(reply);
        if (!_owes[position])
        {
            return;
        }

        if (reply is ReplicaExtents { Extents.Count: > 0 } extents
            && extents.Extents[0].OffsetBytes == request.OffsetBytes)
        {
            _extents[position] = extents.Extents;
        }
        else if (reply is ReplicaFailed failed)
        {
            NoteError(position, failed.Errno);
            if (FaultOf(failed) is { } kind)
            {
                AddFault(position, kind, failed.Errno, failed.Reason);
            }
        }

        Settle(position);
    }

    protected override void OnChildGone(int position, int errno, string reason)
    {
        NoteError(position, errno);
        AddFault(position, FaultKind.Out, errno, reason);
        Settle(position);
    }

    private void NoteError(int position, int errno)
    {
        ReportBad(Operation, position, errno);
        Note(new ChildNote(View.Children[position].Index, Errors: 1) { Errno = errno });
    }

    private void Settle(int position)
    {
        _owes[position] = false;
        if (--_owed > 0)
        {
            return;
        }

        int readQuorum = Vote.ReadQuorum(View.Threshold, View.Children.Length);
        Answer(new RangeExtents(
            ExtentVote.Merge(_extents, readQuorum, request.OffsetBytes, request.LengthBytes)));
        End();
    }
}
