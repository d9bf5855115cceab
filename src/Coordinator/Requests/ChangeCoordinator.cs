using System.Collections.Immutable;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Voting;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>
/// A request that every Synced child must carry out: write, write-zeroes, discard, flush. Acknowledged means
/// on every child recorded Synced (P15): those that fail are first recorded Stale, all of one request
/// together, and where that is not possible the client gets the error that most of them report.
/// </summary>
/// <remarks>
/// Children that are being resynced get every change too. The client does not wait for them, and their
/// failure is theirs alone; but the lock is held until they have answered or are out, so that the order of
/// overlapping changes is the same on them.
/// </remarks>
internal abstract class ChangeCoordinator(RequestFrame frame) : RequestCoordinator(frame)
{
    private ChildAnswer[] _answers = [];
    private int _owed;
    private int _owedByTargets;
    private bool _applied = true;

    protected sealed override bool IsApplied => _applied;

    protected override int PositionCount => View.PositionCount;

    /// <summary>
    /// True when a failure leaves the children different, so that the range is to be reconciled (P17).
    /// </summary>
    protected abstract bool ChangesData { get; }

    private ImmutableArray<long> CoveredBadBlocks => ChangesData && View.BadBlocks.Length > 0
        ? BadBlocks.CoveredBy(View.BadBlocks, Range, VolumeSizeBytes)
        : [];

    /// <summary>
    /// Whether the children make the change durable before they answer. One that covers bad blocks is made so
    /// whatever the client wants: they come off the durable list, and a power loss that took the data but not
    /// that would leave copies that differ, one of which may be behind what was flushed (P22, I2).
    /// </summary>
    protected bool IsDurable(bool fua) =>
        fua || View.Options.Durability == Durability.Write || !CoveredBadBlocks.IsEmpty;

    /// <summary>What one child is asked.</summary>
    protected abstract ReplicaRequest RequestFor(int position, ChildView child);

    protected override void Begin()
    {
        _answers = new ChildAnswer[PositionCount];
        _owed = View.Children.Length;
        _owedByTargets = _answers.Length - _owed;
        _applied = !ChangesData;
        for (int position = 0; position < _answers.Length; position++)
        {
            Ask(position, RequestFor(position, View.At(position)));
        }
    }

    protected override bool Owes(int position) => _answers[position].Kind == AnswerKind.Pending;

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
                // A target that lacks a write is of no use under its session any more.
                FaultKind kind = IsTarget(position) ? FaultKind.Out : FaultKind.WriteFailed;
                AddFault(position, FaultOf(failed) ?? kind, failed.Errno, failed.Reason);
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
        switch (message)
        {
            case ChildrenJudged judged when judged.Recorded:
                Succeed();
                break;
            case ChildrenJudged:
                Fail(Vote.MostFrequentErrno(_answers.AsSpan(0, View.Children.Length)),
                    "children failed that could not be recorded as out of sync");
                break;
            case BadBlocksCleared cleared when cleared.Recorded:
                Acknowledge();
                break;
            case BadBlocksCleared:
                Fail(Errno.InputOutput, "bad blocks of the range could not be taken off the list");
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Settle(int position, ChildAnswer answer)
    {
        _answers[position] = answer;
        if (answer.Kind != AnswerKind.Value)
        {
            ReportBad(Operation, position, answer.Errno);
            Note(new ChildNote(View.At(position).Index, Errors: 1) { Errno = answer.Errno });
        }

        if (IsTarget(position))
        {
            _owedByTargets--;
            EndWhenDone();
        }
        else if (--_owed == 0)
        {
            JudgeOrSucceed();
        }
    }

    private void JudgeOrSucceed()
    {
        IReadOnlyList<ChildFault> faults = TakeFaultsOfChildren();
        if (faults.Count == 0)
        {
            Succeed();
        }
        else
        {
            TellVolume(new JudgeChildren(RequestId, faults));
        }
    }

    /// <summary>Every child that is Synced now has it.</summary>
    private void Succeed()
    {
        _applied = true;
        ImmutableArray<long> cleared = CoveredBadBlocks;
        if (cleared.Length > 0)
        {
            TellVolume(new ClearBadBlocks(RequestId, cleared));
        }
        else
        {
            Acknowledge();
        }
    }

    private void Acknowledge()
    {
        Answer(RangeDone.Instance);
        EndWhenDone();
    }

    private void Fail(int errno, string reason)
    {
        if (Operation != QuorumOperation.Flush)
        {
            ReportFailure();
        }

        // A flush that failed moves no checkpoint.
        _applied &= ChangesData;
        Answer(new RangeFailed(errno, reason));
        EndWhenDone();
    }

    private void EndWhenDone()
    {
        if (IsAnswered && _owedByTargets == 0)
        {
            End();
        }
    }
}
