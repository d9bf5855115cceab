using Replication.Actors.Disk;
using Replication.Coordinator.Events;
using Replication.Coordinator.Voting;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>
/// A request that every Synced child must carry out: write, write-zeroes, discard, flush. Acknowledged means
/// on every child recorded Synced (P15): those that fail are first recorded Stale, all of one request
/// together, and where that is not possible the client gets the error that most of them report.
/// </summary>
internal abstract class ChangeCoordinator(RequestFrame frame) : RequestCoordinator(frame)
{
    private ChildAnswer[] _answers = [];
    private int _owed;
    private bool _applied = true;

    protected sealed override bool IsApplied => _applied;

    /// <summary>
    /// True when a failure leaves the children different, so that the range is to be reconciled (P17).
    /// </summary>
    protected abstract bool ChangesData { get; }

    /// <summary>What one child is asked.</summary>
    protected abstract ReplicaRequest RequestFor(int position, ChildView child);

    protected override void Begin()
    {
        _answers = new ChildAnswer[View.Children.Length];
        _owed = _answers.Length;
        _applied = !ChangesData;
        for (int position = 0; position < _answers.Length; position++)
        {
            Ask(position, RequestFor(position, View.Children[position]));
        }
    }

    protected override bool Owes(int position) => _owed > 0 && _answers[position].Kind == AnswerKind.Pending;

    protected override void OnReply(ReplicaReply reply)
    {
        int position = RequestTag.PositionOf(reply);
        if (!Owes(position))
        {
            return;
        }

        switch (reply)
        {
            case ReplicaDone:
                Settle(position, ChildAnswer.Value(default));
                break;
            case ReplicaFailed failed:
                AddFault(position, FaultOf(failed) ?? FaultKind.WriteFailed, failed.Errno, failed.Reason);
                Settle(position, ChildAnswer.Error(failed.Errno));
                break;
            default:
                Unhandled(reply);
                break;
        }
    }

    protected override void OnChildGone(int position, int errno, string reason)
    {
        AddFault(position, FaultKind.Out, errno, reason);
        Settle(position, ChildAnswer.Gone(errno));
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

    private void Settle(int position, ChildAnswer answer)
    {
        _answers[position] = answer;
        if (answer.Kind != AnswerKind.Value)
        {
            ReportBad(Operation, position, answer.Errno);
            Note(new ChildNote(View.Children[position].Index, Errors: 1));
        }

        if (--_owed > 0)
        {
            return;
        }

        if (Faults.Count == 0)
        {
            Conclude(recorded: true);
        }
        else
        {
            TellVolume(new JudgeChildren(RequestId, Faults));
            ClearFaults();
        }
    }

    private void Conclude(bool recorded)
    {
        if (recorded)
        {
            _applied = true;
            Answer(RangeDone.Instance);
        }
        else
        {
            if (Operation != QuorumOperation.Flush)
            {
                ReportFailure();
            }

            int errno = Vote.MostFrequentErrno(_answers);
            Answer(new RangeFailed(errno, "children failed that could not be recorded as out of sync"));
        }

        End();
    }
}
