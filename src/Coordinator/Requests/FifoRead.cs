using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Coordinator.Voting;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>
/// A read of a volume whose pattern is fifo: one child after the other, in their order, is asked for the data
/// until one has it, which the client gets as it is. So a disk that lies is believed; one that fails is not.
/// </summary>
/// <remarks>
/// Every other child is asked at the same time to confirm its epoch, and the data is passed on only once q
/// children have answered (P14). Confirmations of earlier reads do not do: an owner that was paused and
/// deposed since has them too, and the child it asks for data may be one that its successor left out (I3).
/// </remarks>
internal sealed class FifoRead(ReadCoordinator read, ReadRange request, ChildAnswer[] answers)
{
    private readonly bool[] _owesConfirmation = new bool[answers.Length];
    private int _asked = -1;
    private int _next;
    private int _servedBy = -1;
    private int _lastErrno;
    private PooledBuffer? _data;

    /// <summary>
    /// True once q children have answered in this epoch, whether they had the data or not.
    /// </summary>
    private bool IsConfirmed
    {
        get
        {
            int answered = 0;
            foreach (ref readonly ChildAnswer answer in answers.AsSpan())
            {
                answered += answer.Kind is AnswerKind.Value or AnswerKind.Error ? 1 : 0;
            }

            return answered >= Vote.ReadQuorum(read.View.Threshold, answers.Length);
        }
    }

    internal bool Owes(int position) => _asked == position || _owesConfirmation[position];

    internal void Start()
    {
        AskNext();
        for (int position = 1; position < answers.Length; position++)
        {
            _owesConfirmation[position] = true;
            int tag = RequestTag.Of(RequestStep.Confirm, position);
            read.Ask(position, new ConfirmReplica(tag, read.View.Children[position].Ticket));
        }
    }

    internal void OnReply(int position, ReplicaReply reply)
    {
        if (RequestTag.StepOf(reply) == RequestStep.Confirm)
        {
            OnConfirmation(position, reply);
        }
        else if (_asked == position)
        {
            _asked = -1;
            OnData(position, reply);
        }
        else
        {
            // The data of a child that went out meanwhile.
            (reply as ReplicaRead)?.Data?.Release();
        }
    }

    internal void OnChildGone(int position, int errno)
    {
        _owesConfirmation[position] = false;
        answers[position] = ChildAnswer.Gone(errno);
        if (_asked == position)
        {
            _asked = -1;
            Skip(position, errno);
        }

        Proceed();
    }

    internal void Release()
    {
        _data?.Release();
        _data = null;
    }

    private void OnData(int position, ReplicaReply reply)
    {
        if (reply is ReplicaRead { Data: { } data } && data.LengthBytes == request.LengthBytes)
        {
            answers[position] = ChildAnswer.Value(default);
            _servedBy = position;
            _data = data;
        }
        else
        {
            (reply as ReplicaRead)?.Data?.Release();
            TakeFailure(position, reply);
            Skip(position, answers[position].Errno);
        }

        Proceed();
    }

    private void OnConfirmation(int position, ReplicaReply reply)
    {
        if (!_owesConfirmation[position])
        {
            return;
        }

        _owesConfirmation[position] = false;
        if (reply is not ReplicaDone)
        {
            TakeFailure(position, reply);
        }
        else if (answers[position].Kind == AnswerKind.Pending)
        {
            answers[position] = ChildAnswer.Value(default);
        }

        Proceed();
    }

    private void TakeFailure(int position, ReplicaReply reply)
    {
        int errno = (reply as ReplicaFailed)?.Errno ?? Errno.InputOutput;
        if (reply is ReplicaFailed failed && RequestCoordinator.FaultOf(failed) is { } kind)
        {
            read.AddFault(position, kind, errno, failed.Reason);
            answers[position] = ChildAnswer.Gone(errno);
        }
        else
        {
            answers[position] = ChildAnswer.Error(errno);
        }
    }

    /// <summary>The client gets the error of the last child in order, as from QEMU's quorum.</summary>
    private void Skip(int position, int errno)
    {
        _lastErrno = errno;
        _next = position + 1;
        AskNext();
    }

    private void AskNext()
    {
        while (_next < answers.Length && answers[_next].Kind == AnswerKind.Gone)
        {
            _lastErrno = answers[_next].Errno;
            _next++;
        }

        if (_next < answers.Length)
        {
            _asked = _next;
            int tag = RequestTag.Of(RequestStep.Collect, _asked);
            (long, int) range = (request.OffsetBytes, request.LengthBytes);
            read.AskRead(tag, _asked, range, ReplicaReadMode.Data);
        }
    }

    private void Proceed()
    {
        if (!read.IsAnswered && _data is not null && IsConfirmed)
        {
            read.Serve(_data);
        }

        if (_asked >= 0 || _owesConfirmation.Contains(true))
        {
            return;
        }

        if (!read.IsAnswered)
        {
            Refuse();
        }

        read.EndFifo(_servedBy, _data);
        _data = null;
    }

    private void Refuse()
    {
        if (_data is null)
        {
            read.Answer(new RangeFailed(_lastErrno, "no child could read the range"));
        }
        else
        {
            read.Fail(Vote.MostFrequentErrno(answers), "too few children confirm the owner's epoch");
        }
    }
}
