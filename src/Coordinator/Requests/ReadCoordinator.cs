using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Voting;
using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.Coordinator.Requests;

/// <summary>
/// One voted read. It asks one child for the data and the others for digests, answers as soon as the vote is
/// certain and bytes with the winning digest are at hand, and stays until every child has answered or is out,
/// to report and repair the losers under the range lock. Where no version of the whole range wins,
/// <see cref="BlockRead"/> votes again per 4 KiB block. Under fifo <see cref="FifoRead"/> comes first, and
/// the vote only where a child is to be repaired.
/// </summary>
/// <remarks>
/// Fast path: every digest equal to that of the received data: no list, no timer, one buffer. The digest of
/// received bytes is always computed here, never taken from their sender: the vote is end to end.
/// </remarks>
internal sealed class ReadCoordinator : RepairingRead
{
    private static readonly object HedgeTimer = new();

    private readonly ChildAnswer[] _answers;
    private readonly bool[] _owes;
    private readonly WinnerData _data;
    private int _dataPosition;
    private int _owed;
    private Digest _winner;
    private bool _decided;
    private bool _won;
    private bool _isHedging;
    private bool _hasHedged;
    private FifoRead? _fifo;
    private BlockRead? _blocks;

    internal ReadCoordinator(RequestFrame frame, ReadRange request)
        : base(frame, request)
    {
        int count = View.Children.Length;
        _answers = new ChildAnswer[count];
        _owes = new bool[count];
        _dataPosition = (int)((ulong)RequestId % (uint)count);
        _data = new WinnerData(this, request);
    }

    protected override void Begin()
    {
        if (View.Options.ReadPattern == ReadPattern.Fifo)
        {
            _fifo = new FifoRead(this, Request, _answers);
            _fifo.Start();
            return;
        }

        _owed = _answers.Length;
        Array.Fill(_owes, true);
        AskOwed();
    }

    protected override bool Owes(int position) =>
        base.Owes(position) || _owes[position] || _data.FetchPosition == position
        || _blocks?.Owes(position) == true || _fifo?.Owes(position) == true;

    protected override void OnReply(ReplicaReply reply)
    {
        int position = RequestTag.PositionOf(reply);
        switch (RequestTag.StepOf(reply))
        {
            case RequestStep.Collect or RequestStep.Confirm when _fifo is not null:
                _fifo.OnReply(position, reply);
                break;
            case RequestStep.Collect when _owes[position]:
                Collect(position, reply);
                break;
            case RequestStep.Fetch when _data.FetchPosition == position:
                bool isWanted = !_data.Holds(_winner);
                _answers[position] = _data.OnFetched(reply, isWanted, _answers[position]);
                Proceed();
                break;
            case RequestStep.Blocks or RequestStep.BlockFetch when _blocks is not null:
                _blocks.OnReply(position, reply);
                break;
            default:
                base.OnReply(reply);
                break;
        }
    }

    protected override void OnChildGone(int position, int errno, string reason)
    {
        base.OnChildGone(position, errno, reason);
        if (_owes[position])
        {
            SettleAnswer(position, ChildAnswer.Gone(errno));
        }

        if (_data.FetchPosition == position)
        {
            _data.GiveUpFetch(errno);
            Proceed();
        }

        _blocks?.OnChildGone(position, errno);
        _fifo?.OnChildGone(position, errno);
    }

    protected override void OnOther(object message)
    {
        if (message is HedgeElapsed)
        {
            _hasHedged = true;
            Proceed();
            return;
        }

        base.OnOther(message);
    }

    protected override void OnEnding()
    {
        _data.Release();
        _blocks?.Release();
        _fifo?.Release();
        base.OnEnding();
    }

    /// <summary>
    /// A fifo read is through: every child has answered or is out. Where one failed that may be rewritten,
    /// all the others vote on what it has to hold (P19); the client has its answer, whatever comes of that.
    /// </summary>
    /// <param name="servedBy">Whose data the client got; -1: none was read.</param>
    /// <param name="data">That data; taken over.</param>
    internal void EndFifo(int servedBy, PooledBuffer? data)
    {
        _fifo = null;
        if (Array.TrueForAll(_answers, static answer => answer.Kind == AnswerKind.Value))
        {
            data?.Release();
            End();
            return;
        }

        bool mayRepair = data is not null && View.Options.RewriteCorrupted
            && Array.Exists(_answers, static answer => answer.Kind == AnswerKind.Error);
        if (!mayRepair)
        {
            data?.Release();
            Conclude();
            return;
        }

        _dataPosition = servedBy;
        for (int position = 0; position < _answers.Length; position++)
        {
            if (_answers[position].Kind == AnswerKind.Value && position != servedBy)
            {
                _answers[position] = ChildAnswer.Pending;
                _owes[position] = true;
                _owed++;
            }
        }

        _answers[servedBy] = ChildAnswer.Value(_data.Keep(data!));
        AskOwed();
        Proceed();
    }

    private void Collect(int position, ReplicaReply reply)
    {
        switch (reply)
        {
            case ReplicaRead { Data: { } data }
                when position == _dataPosition && data.LengthBytes == Request.LengthBytes:
                TakeData(position, data);
                break;
            case ReplicaRead { Data: null } read
                when position != _dataPosition && read.Digest.Kind == View.Options.Digest:
                SettleAnswer(position, ChildAnswer.Value(read.Digest));
                break;
            case ReplicaFailed failed when FaultOf(failed) is { } kind:
                AddFault(position, kind, failed.Errno, failed.Reason);
                SettleAnswer(position, ChildAnswer.Gone(failed.Errno));
                break;
            case ReplicaFailed failed:
                SettleAnswer(position, ChildAnswer.Error(failed.Errno));
                break;
            default:
                (reply as ReplicaRead)?.Data?.Release();
                SettleAnswer(position, ChildAnswer.Error(Errno.InputOutput));
                break;
        }
    }

    private void AskOwed()
    {
        for (int position = 0; position < _answers.Length; position++)
        {
            if (_owes[position])
            {
                AskRead(
                    RequestTag.Of(RequestStep.Collect, position),
                    position,
                    (Request.OffsetBytes, Request.LengthBytes),
                    position == _dataPosition ? ReplicaReadMode.Data : ReplicaReadMode.Digest);
            }
        }
    }

    private void TakeData(int position, PooledBuffer data)
    {
        if (!IsAnswered)
        {
            SettleAnswer(position, ChildAnswer.Value(_data.Keep(data)));
            return;
        }

        Digest digest = Digest.Compute(View.Options.Digest, data.Span);
        data.Release();
        SettleAnswer(position, ChildAnswer.Value(digest));
    }

    private void SettleAnswer(int position, ChildAnswer answer)
    {
        _answers[position] = answer;
        _owes[position] = false;
        _owed--;
        Proceed();
    }

    /// <summary>The one place where the read's fate is decided, from all that was collected so far.</summary>
    private void Proceed()
    {
        if (_blocks is not null || IsRepairing)
        {
            return;
        }

        if (!_decided)
        {
            Decide();
        }

        if (_won && !IsAnswered)
        {
            ServeOrFetch();
        }

        if (_owed == 0 && IsAnswered && !_data.IsFetching && _blocks is null)
        {
            Conclude();
        }
    }

    private void Decide()
    {
        ReadOutcome outcome = Vote.Decide(_answers, View.Threshold);
        switch (outcome.Verdict)
        {
            case ReadVerdict.Won:
                _decided = true;
                _won = true;
                _winner = _answers[outcome.FirstHolder].Digest;
                break;
            case ReadVerdict.TooManyFailures:
                _decided = true;
                Fail(outcome.Errno, "too few children answered");
                break;
            case ReadVerdict.NoWinner when BlockVote.HasSeveralBlocks(Range):
                _decided = true;
                _blocks = new BlockRead(this, Request, _answers);
                _blocks.Start(_dataPosition, _data.TakeOver());
                break;
            case ReadVerdict.NoWinner:
                _decided = true;
                Fail(Errno.InputOutput, "no version reached the threshold");
                break;
            default:
                break;
        }
    }

    private void ServeOrFetch()
    {
        if (_data.Holds(_winner))
        {
            Serve(_data.Bytes!);
        }
        else if (_hasHedged || !_owes[_dataPosition])
        {
            if (!_data.IsFetching)
            {
                FetchOrFail();
            }
        }
        else if (!_isHedging)
        {
            _isHedging = true;
            Context.Timers.StartSingle(HedgeTimer, new HedgeElapsed(), View.Settings.ReadHedge);
        }
    }

    private void FetchOrFail()
    {
        if (!_data.TryFetch(_answers, _winner) && _owed == 0)
        {
            int errno = _data.LastErrno == 0 ? Errno.InputOutput : _data.LastErrno;
            Fail(errno, "no winner of the vote could give its data");
        }
    }

    /// <summary>
    /// Every child has answered or is out: reports the losers, repairs what may be repaired, and ends.
    /// </summary>
    private void Conclude()
    {
        if (_isHedging)
        {
            Context.Timers.Cancel(HedgeTimer);
        }

        int votes = 0;
        foreach (ChildAnswer answer in _answers)
        {
            votes += _won && answer.Kind == AnswerKind.Value && answer.Digest == _winner ? 1 : 0;
        }

        if (votes == _answers.Length)
        {
            End();
            return;
        }

        bool mayRepair = View.Options.RewriteCorrupted && Vote.JustifiesRepair(votes, _answers.Length);
        if (mayRepair && !_data.Holds(_winner))
        {
            // What fifo served lost the vote: the winner's bytes are fetched for the repair alone.
            if (_data.TryFetch(_answers, _winner))
            {
                return;
            }

            mayRepair = false;
        }

        List<RepairWrite> repairs = [];
        for (int position = 0; position < _answers.Length; position++)
        {
            if (ReportLoser(position, _answers[position]) && mayRepair)
            {
                repairs.Add(new RepairWrite(position, Request.OffsetBytes, _data.Bytes!.Retain()));
            }
        }

        RepairOrEnd(repairs);
    }

    /// <summary>Reports a child that lost or failed; true when it is one that can be rewritten.</summary>
    private bool ReportLoser(int position, ChildAnswer answer)
    {
        switch (answer.Kind)
        {
            case AnswerKind.Value when _won && answer.Digest != _winner:
                NoteLostVote(position);
                return true;
            case AnswerKind.Error:
                NoteError(position, answer.Errno);
                return true;
            case AnswerKind.Gone:
                NoteError(position, answer.Errno);
                return false;
            default:
                return false;
        }
    }

    private sealed record HedgeElapsed;
}
