using Replication.Actors.Buffers;
using Replication.Coordinator.Events;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>
/// What voted reads have in common: they report children that lost or failed, and their last step is the
/// rewriting of those that may be rewritten, under the range lock (P19).
/// </summary>
internal abstract class RepairingRead(RequestFrame frame, ReadRange request) : RequestCoordinator(frame)
{
    private Repair? _repair;

    protected ReadRange Request => request;

    protected sealed override (long OffsetBytes, long LengthBytes) Range =>
        (request.OffsetBytes, request.LengthBytes);

    protected sealed override QuorumOperation Operation => QuorumOperation.Read;

    /// <summary>True from the moment in which it is known what is to be rewritten.</summary>
    protected bool IsRepairing => _repair is not null;

    protected override bool Owes(int position) => _repair?.Owes(position) == true;

    protected override void OnReply(ReplicaReply reply)
    {
        if (RequestTag.StepOf(reply) == RequestStep.Repair && _repair is not null)
        {
            _repair.OnReply(RequestTag.PositionOf(reply), reply);
            return;
        }

        // An answer that was given up, such as the data of a child that went out meanwhile.
        (reply as ReplicaRead)?.Data?.Release();
    }

    protected override void OnChildGone(int position, int errno, string reason)
    {
        AddFault(position, FaultKind.Out, errno, reason);
        _repair?.OnChildGone(position, errno);
    }

    protected override void OnOther(object message)
    {
        if (message is RepairStamp stamp && _repair is not null)
        {
            _repair.Start(stamp);
            return;
        }

        Unhandled(message);
    }

    protected override void OnEnding() => _repair?.Release();

    internal void AskRead(
        int tag, int position, (long OffsetBytes, int LengthBytes) range, ReplicaReadMode mode)
    {
        Ask(position, new ReadReplica(
            tag,
            View.Children[position].Ticket,
            range.OffsetBytes,
            range.LengthBytes,
            mode,
            View.Options.Digest));
    }

    /// <summary>Answers with these bytes, of which it takes a reference, unless it has answered.</summary>
    internal void Serve(PooledBuffer bytes)
    {
        if (!IsAnswered)
        {
            Answer(new RangeRead(bytes.Retain()));
        }
    }

    /// <summary>Fails the read for want of a winner, unless it has answered.</summary>
    internal void Fail(int errno, string reason)
    {
        if (!IsAnswered)
        {
            FoundNoWinner = true;
            ReportFailure();
            Answer(new RangeFailed(errno, reason));
        }
    }

    /// <summary>
    /// Ends the request, after the repairs if there are any. Takes over the repairs' payloads.
    /// </summary>
    internal void RepairOrEnd(List<RepairWrite> repairs)
    {
        if (repairs.Count == 0)
        {
            End();
            return;
        }

        _repair = new Repair(this, repairs);
        repairs.ForEach(write => AwaitFrom(write.Position));
        TellVolume(new TakeRepairStamp(RequestId));
    }

    internal void NoteLostVote(int position)
    {
        ReportBad(QuorumOperation.Read, position, errno: 0);
        Note(new ChildNote(View.Children[position].Index, VotesLost: 1));
    }

    internal void NoteError(int position, int errno)
    {
        ReportBad(QuorumOperation.Read, position, errno);
        Note(new ChildNote(View.Children[position].Index, Errors: 1) { Errno = errno });
    }

    /// <summary>One repair is written, or has failed.</summary>
    internal void NoteRepair(int position, (long OffsetBytes, long LengthBytes) range, int errno)
    {
        if (errno == 0)
        {
            ReportRepaired(position, range.OffsetBytes, range.LengthBytes);
            Note(new ChildNote(View.Children[position].Index, Repairs: 1));
        }
        else
        {
            ReportBad(QuorumOperation.Write, position, errno);
            Note(new ChildNote(View.Children[position].Index, RepairErrors: 1) { Errno = errno });
        }
    }
}
