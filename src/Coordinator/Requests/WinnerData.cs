using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Coordinator.Voting;
using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.Coordinator.Requests;

/// <summary>
/// The bytes of a read: those that arrived last, with their digest, and the search for a child that can give
/// the winner's where the data child did not. Owns one reference of what it keeps. Runs within the read's
/// coordinator.
/// </summary>
internal sealed class WinnerData(RepairingRead read, ReadRange request)
{
    private ulong _tried;
    private Digest _digest;

    /// <summary>What is at hand; null before anything arrived.</summary>
    internal PooledBuffer? Bytes { get; private set; }

    /// <summary>The child that is asked for the winner's bytes; -1 when none is.</summary>
    internal int FetchPosition { get; private set; } = -1;

    /// <summary>The error of the last child that failed to give its bytes; 0 when none did.</summary>
    internal int LastErrno { get; private set; }

    internal bool IsFetching => FetchPosition >= 0;

    internal bool Holds(in Digest winner) => Bytes is not null && _digest == winner;

    /// <summary>Keeps received bytes in place of those before, and says what their digest is.</summary>
    internal Digest Keep(PooledBuffer data)
    {
        Digest digest = Digest.Compute(read.View.Options.Digest, data.Span);
        Release();
        Bytes = data;
        _digest = digest;
        return digest;
    }

    /// <summary>Gives the bytes to a new owner; null when there are none.</summary>
    internal PooledBuffer? TakeOver()
    {
        PooledBuffer? data = Bytes;
        Bytes = null;
        return data;
    }

    internal void Release() => TakeOver()?.Release();

    /// <summary>
    /// Asks the next holder of the winning version for its bytes; false when every one of them was asked.
    /// </summary>
    internal bool TryFetch(ReadOnlySpan<ChildAnswer> answers, in Digest winner)
    {
        for (int position = 0; position < answers.Length; position++)
        {
            ChildAnswer answer = answers[position];
            bool isHolder = answer.Kind == AnswerKind.Value && answer.Digest == winner;
            if (isHolder && (_tried & (1UL << position)) == 0)
            {
                _tried |= 1UL << position;
                FetchPosition = position;
                read.AskRead(
                    RequestTag.Of(RequestStep.Fetch, position),
                    position,
                    (request.OffsetBytes, request.LengthBytes),
                    ReplicaReadMode.Data);
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The child that was asked has answered: what is known of its version now. Bytes other than those it
    /// voted for are its new vote.
    /// </summary>
    internal ChildAnswer OnFetched(ReplicaReply reply, bool isWanted, ChildAnswer before)
    {
        int position = FetchPosition;
        FetchPosition = -1;
        switch (reply)
        {
            case ReplicaRead { Data: { } data } when !isWanted:
                data.Release();
                return before;
            case ReplicaRead { Data: { } data } when data.LengthBytes == request.LengthBytes:
                return ChildAnswer.Value(Keep(data));
            case ReplicaFailed failed when RequestCoordinator.FaultOf(failed) is { } kind:
                LastErrno = failed.Errno;
                read.AddFault(position, kind, failed.Errno, failed.Reason);
                return ChildAnswer.Gone(failed.Errno);
            case ReplicaFailed failed:
                LastErrno = failed.Errno;
                return ChildAnswer.Error(failed.Errno);
            default:
                (reply as ReplicaRead)?.Data?.Release();
                return ChildAnswer.Error(Errno.InputOutput);
        }
    }

    /// <summary>The child that was asked is out.</summary>
    internal void GiveUpFetch(int errno)
    {
        FetchPosition = -1;
        LastErrno = errno;
    }
}
