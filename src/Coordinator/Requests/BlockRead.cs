using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Coordinator.Voting;
using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.Coordinator.Requests;

/// <summary>
/// The second half of a read that no version of the whole range won: collects a digest of every 4 KiB block
/// from the children that can read the range, judges each block, gathers the winners' bytes, answers, and has
/// the losers of each won block repaired. A block without a winner fails the read, is never rewritten, and
/// does not keep the other blocks from being repaired.
/// </summary>
internal sealed class BlockRead
{
    private readonly RepairingRead _read;
    private readonly ReadRange _request;
    private readonly BlockVote _vote;
    private readonly ChildAnswer[] _answers;
    private readonly bool[] _owesDigests;
    private readonly Dictionary<int, Fetch> _fetches = [];
    private readonly bool[] _have;
    private readonly ulong[] _tried;
    private readonly int[] _readErrnos;
    private PooledBuffer? _result;
    private int _dataPosition = -1;
    private int _digestsOwed;
    private int _lastFetch;
    private bool _judged;

    internal BlockRead(RepairingRead read, ReadRange request, ChildAnswer[] answers)
    {
        _read = read;
        _request = request;
        _answers = answers;
        _vote = new BlockVote((request.OffsetBytes, request.LengthBytes), answers);
        _owesDigests = new bool[answers.Length];
        _have = new bool[_vote.Count];
        _tried = new ulong[_vote.Count];
        _readErrnos = new int[answers.Length];
    }

    internal bool Owes(int position) => _owesDigests[position] || IsFetchedFrom(position);

    /// <summary>
    /// Takes over the data that the data child sent, if it did, and asks the others for block digests.
    /// </summary>
    internal void Start(int dataPosition, PooledBuffer? data)
    {
        _result = PooledBuffer.Rent(_request.LengthBytes);
        if (data is not null)
        {
            Digest[] own = _vote.DigestsOf(_read.View.Options.Digest, data.Span);
            _vote.TrySetDigests(dataPosition, own);
            data.Span.CopyTo(_result.Span);
            data.Release();
        }

        for (int position = 0; position < _answers.Length; position++)
        {
            if (_answers[position].Kind == AnswerKind.Value && (data is null || position != dataPosition))
            {
                _owesDigests[position] = true;
                _digestsOwed++;
                int tag = RequestTag.Of(RequestStep.Blocks, position);
                (long, int) range = (_request.OffsetBytes, _request.LengthBytes);
                _read.AskRead(tag, position, range, ReplicaReadMode.BlockDigests);
            }
        }

        _dataPosition = data is null ? -1 : dataPosition;
        JudgeWhenComplete();
    }

    internal void OnReply(int position, ReplicaReply reply)
    {
        if (RequestTag.StepOf(reply) == RequestStep.Blocks)
        {
            OnDigests(position, reply);
        }
        else
        {
            OnFetched(position, reply);
        }
    }

    /// <summary>A child is out: what it still owes is asked of others, and it is not rewritten.</summary>
    internal void OnChildGone(int position, int errno)
    {
        if (_owesDigests[position])
        {
            SettleDigests(position, ChildAnswer.Gone(errno));
            return;
        }

        if (IsFetchedFrom(position))
        {
            SetFailed(position, ChildAnswer.Gone(errno));
            int[] lost =
                [.. _fetches.Where(fetch => fetch.Value.Position == position).Select(fetch => fetch.Key)];
            foreach (int number in lost)
            {
                _fetches.Remove(number);
            }

            FetchMissingWhenIdle();
        }
    }

    internal void Release()
    {
        _result?.Release();
        _result = null;
    }

    private bool IsFetchedFrom(int position) => _fetches.Values.Any(fetch => fetch.Position == position);

    private void OnDigests(int position, ReplicaReply reply)
    {
        if (!_owesDigests[position])
        {
            return;
        }

        if (reply is ReplicaRead { BlockDigests: { } digests } && _vote.TrySetDigests(position, digests))
        {
            SettleDigests(position, failure: null);
            return;
        }

        int errno = (reply as ReplicaFailed)?.Errno ?? Errno.InputOutput;
        if (reply is ReplicaFailed failed && RequestCoordinator.FaultOf(failed) is { } kind)
        {
            _read.AddFault(position, kind, failed.Errno, failed.Reason);
            SettleDigests(position, ChildAnswer.Gone(errno));
            return;
        }

        SettleDigests(position, ChildAnswer.Error(errno));
    }

    private void SettleDigests(int position, ChildAnswer? failure)
    {
        _owesDigests[position] = false;
        _digestsOwed--;
        if (failure is { } answer)
        {
            SetFailed(position, answer);
        }

        JudgeWhenComplete();
    }

    private void SetFailed(int position, ChildAnswer failure)
    {
        _answers[position] = failure;
        _vote.SetFailed(position, failure);
    }

    private void JudgeWhenComplete()
    {
        if (_digestsOwed > 0 || _judged)
        {
            return;
        }

        _judged = true;
        _vote.Decide(_read.View.Threshold);
        for (int block = 0; block < _vote.Count; block++)
        {
            _have[block] = _dataPosition >= 0 && _vote.Holds(_dataPosition, block);
        }

        FetchMissing();
    }

    /// <summary>
    /// Asks for every won block that is not at hand, in runs, from a holder that was not asked for it before.
    /// </summary>
    private void FetchMissing()
    {
        for (int block = 0; block < _vote.Count;)
        {
            int holder = IsMissing(block) ? NextHolder(block) : -1;
            if (holder < 0)
            {
                if (IsMissing(block))
                {
                    _vote.SetLost(block);
                }

                block++;
                continue;
            }

            int first = block;
            while (block < _vote.Count && IsMissing(block) && NextHolder(block) == holder)
            {
                _tried[block] |= 1UL << holder;
                block++;
            }

            AskRun(holder, first, block - first);
        }

        if (_fetches.Count == 0)
        {
            Conclude();
        }
    }

    private bool IsMissing(int block) => !_have[block] && _vote.OutcomeOf(block).Verdict == ReadVerdict.Won;

    private int NextHolder(int block)
    {
        for (int position = 0; position < _answers.Length; position++)
        {
            if ((_tried[block] & (1UL << position)) == 0 && _answers[position].Kind == AnswerKind.Value
                && _vote.Holds(position, block))
            {
                return position;
            }
        }

        return -1;
    }

    private (long OffsetBytes, int LengthBytes) RunRange(int firstBlock, int blockCount)
    {
        long start = _vote.BlockRange(firstBlock).OffsetBytes;
        (long lastOffset, int lastLength) = _vote.BlockRange(firstBlock + blockCount - 1);
        return (start, (int)(lastOffset + lastLength - start));
    }

    private void AskRun(int holder, int firstBlock, int blockCount)
    {
        int number = ++_lastFetch;
        _fetches.Add(number, new Fetch(holder, firstBlock, blockCount));
        int tag = RequestTag.Of(RequestStep.BlockFetch, holder, number);
        _read.AskRead(tag, holder, RunRange(firstBlock, blockCount), ReplicaReadMode.Data);
    }

    private void OnFetched(int position, ReplicaReply reply)
    {
        PooledBuffer? data = (reply as ReplicaRead)?.Data;
        int number = RequestTag.NumberOf(reply);
        if (!_fetches.TryGetValue(number, out Fetch fetch) || fetch.Position != position)
        {
            // An answer that was given up meanwhile.
            data?.Release();
            return;
        }

        _fetches.Remove(number);
        if (data is not null && data.LengthBytes == RunRange(fetch.FirstBlock, fetch.BlockCount).LengthBytes)
        {
            TakeRun(fetch, data);
        }
        else
        {
            FailRun(fetch, reply);
        }

        data?.Release();
        FetchMissingWhenIdle();
    }

    private void FetchMissingWhenIdle()
    {
        if (_fetches.Count == 0)
        {
            FetchMissing();
        }
    }

    /// <summary>A holder could not give what it voted for: its votes there justify no repair.</summary>
    private void FailRun(Fetch fetch, ReplicaReply reply)
    {
        int errno = (reply as ReplicaFailed)?.Errno ?? Errno.InputOutput;
        for (int block = fetch.FirstBlock; block < fetch.EndBlock; block++)
        {
            _vote.Withdraw(fetch.Position, block);
        }

        if (reply is ReplicaFailed failed && RequestCoordinator.FaultOf(failed) is { } kind)
        {
            _read.AddFault(fetch.Position, kind, failed.Errno, failed.Reason);
            SetFailed(fetch.Position, ChildAnswer.Gone(errno));
        }
        else
        {
            _readErrnos[fetch.Position] = errno;
        }
    }

    /// <summary>
    /// Keeps the blocks of a run whose bytes have the winning digest; the others are asked of the next
    /// holder.
    /// </summary>
    private void TakeRun(Fetch fetch, PooledBuffer data)
    {
        long start = _vote.BlockRange(fetch.FirstBlock).OffsetBytes;
        for (int block = fetch.FirstBlock; block < fetch.EndBlock; block++)
        {
            (long offset, int length) = _vote.BlockRange(block);
            ReadOnlySpan<byte> bytes = data.Span.Slice((int)(offset - start), length);
            if (Digest.Compute(_read.View.Options.Digest, bytes) == _vote.WinnerOf(block))
            {
                bytes.CopyTo(_result!.Span[(int)(offset - _request.OffsetBytes)..]);
                _have[block] = true;
            }
            else
            {
                _vote.Withdraw(fetch.Position, block);
            }
        }
    }

    private void Conclude()
    {
        if (!_have.Contains(false))
        {
            _read.Serve(_result!);
        }
        else
        {
            _read.Fail(Errno.InputOutput, "no version of a block reached the threshold");
        }

        List<RepairWrite> repairs = [];
        for (int position = 0; position < _answers.Length; position++)
        {
            ReportAndCollect(position, repairs);
        }

        _read.RepairOrEnd(repairs);
    }

    private void ReportAndCollect(int position, List<RepairWrite> repairs)
    {
        if (_answers[position].Kind is AnswerKind.Error or AnswerKind.Gone)
        {
            _read.NoteError(position, _answers[position].Errno);
        }

        bool lost = false;
        for (int block = 0; block < _vote.Count;)
        {
            lost |= _vote.IsLoser(position, block);
            int first = block;
            while (block < _vote.Count && MayRepair(position, block))
            {
                block++;
            }

            if (block == first)
            {
                block++;
                continue;
            }

            (long offset, int length) = RunRange(first, block - first);
            ReadOnlySpan<byte> bytes = _result!.Span.Slice((int)(offset - _request.OffsetBytes), length);
            repairs.Add(new RepairWrite(position, offset, PooledBuffer.CopyOf(bytes)));
            lost = true;
        }

        if (_readErrnos[position] != 0 && _answers[position].Kind == AnswerKind.Value)
        {
            _read.NoteError(position, _readErrnos[position]);
        }
        else if (lost && _answers[position].Kind == AnswerKind.Value)
        {
            _read.NoteLostVote(position);
        }
    }

    private bool MayRepair(int position, int block) =>
        _read.View.Options.RewriteCorrupted && _have[block] && _vote.IsLoser(position, block)
        && _vote.JustifiesRepair(block);

    /// <summary>A run of won blocks that one holder was asked for.</summary>
    private readonly record struct Fetch(int Position, int FirstBlock, int BlockCount)
    {
        internal int EndBlock => FirstBlock + BlockCount;
    }
}
