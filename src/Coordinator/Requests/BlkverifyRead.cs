using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Coordinator.Events;
using Replication.Coordinator.Voting;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>
/// A read of a blkverify volume: both children are asked for the data, and it is compared byte by byte. Equal
/// bytes are the answer. Where they differ the volume is told, which stops, and the client gets EIO once the
/// record says so: whoever was told of a difference is never again told anything else by this volume.
/// </summary>
internal sealed class BlkverifyRead(RequestFrame frame, ReadRange request) : RepairingRead(frame, request)
{
    private readonly ChildAnswer[] _answers = new ChildAnswer[frame.View.Children.Length];
    private readonly PooledBuffer?[] _data = new PooledBuffer?[frame.View.Children.Length];
    private int _owed;

    protected override void Begin()
    {
        _owed = _answers.Length;
        for (int position = 0; position < _answers.Length; position++)
        {
            AskRead(
                RequestTag.Of(RequestStep.Collect, position),
                position,
                (Request.OffsetBytes, Request.LengthBytes),
                ReplicaReadMode.Data);
        }
    }

    protected override bool Owes(int position) => _answers[position].Kind == AnswerKind.Pending;

    protected override void OnReply(ReplicaReply reply)
    {
        int position = RequestTag.PositionOf(reply);
        if (!Owes(position))
        {
            base.OnReply(reply);
            return;
        }

        switch (reply)
        {
            case ReplicaRead { Data: { } data } when data.LengthBytes == Request.LengthBytes:
                _data[position] = data;
                Settle(position, ChildAnswer.Value(default));
                break;
            case ReplicaFailed failed when FaultOf(failed) is { } kind:
                AddFault(position, kind, failed.Errno, failed.Reason);
                Settle(position, ChildAnswer.Gone(failed.Errno));
                break;
            case ReplicaFailed failed:
                Settle(position, ChildAnswer.Error(failed.Errno));
                break;
            default:
                base.OnReply(reply);
                Settle(position, ChildAnswer.Error(Errno.InputOutput));
                break;
        }
    }

    protected override void OnChildGone(int position, int errno, string reason)
    {
        base.OnChildGone(position, errno, reason);
        Settle(position, ChildAnswer.Gone(errno));
    }

    protected override void OnOther(object message)
    {
        if (message is DifferenceRecorded)
        {
            Answer(new RangeFailed(Errno.InputOutput, "the children differ: the volume is stopped"));
            End();
            return;
        }

        base.OnOther(message);
    }

    protected override void OnEnding()
    {
        for (int position = 0; position < _data.Length; position++)
        {
            _data[position]?.Release();
            _data[position] = null;
        }

        base.OnEnding();
    }

    private void Settle(int position, ChildAnswer answer)
    {
        _answers[position] = answer;
        if (answer.Kind != AnswerKind.Value)
        {
            NoteError(position, answer.Errno);
        }

        if (--_owed > 0)
        {
            return;
        }

        if (_data.Contains(null))
        {
            Fail(Vote.MostFrequentErrno(_answers), "too few children answered");
            End();
        }
        else
        {
            Compare();
        }
    }

    private void Compare()
    {
        ReadOnlySpan<byte> first = _data[0]!.Span;
        for (int position = 1; position < _data.Length; position++)
        {
            int same = first.CommonPrefixLength(_data[position]!.Span);
            if (same < first.Length)
            {
                (long sector, long count) = Sectors(Range);
                TellVolume(new ChildrenDiffer(new BlkverifyMismatch(
                    Now,
                    View.VolumeName,
                    Request.OffsetBytes + same,
                    sector,
                    count,
                    View.Children[0].NodeName,
                    View.Children[position].NodeName)));
                return;
            }
        }

        Serve(_data[0]!);
        End();
    }
}
