using System.Collections.Immutable;
using System.Numerics;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Resync;
using Replication.Coordinator.Voting;
using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.Coordinator.Requests;

/// <summary>
/// Makes children agree on a region under its exclusive lock: collects a digest of every block, judges each,
/// fetches the winners' bytes where somebody has something else, and writes them there. Who agrees already
/// gets the stamp alone. Blocks of zeroes are never fetched, and are punched: what is sparse stays so.
/// </summary>
/// <remarks>
/// Three steps one after the other, each until nothing is owed. A voter that goes out before the writes ends
/// the request without any: it is judged, and the volume asks again on its next view.
/// </remarks>
internal abstract class RegionCoordinator(RequestFrame frame, RegionTask task) : RequestCoordinator(frame)
{
    private enum Step
    {
        Collecting,
        Fetching,
        Applying,
        Concluded,
    }

    private readonly int[] _owed = new int[frame.View.PositionCount];
    private readonly bool[] _isOut = new bool[frame.View.PositionCount];
    private RegionVote _vote = null!;
    private RegionData? _data;
    private Step _step = Step.Collecting;
    private bool _isVoterOut;
    private int _lastRequest;
    private int _owedInAll;

    /// <summary>Bytes that were written somewhere.</summary>
    protected long WrittenBytes { get; private set; }

    protected sealed override int PositionCount => View.PositionCount;

    protected sealed override (long OffsetBytes, long LengthBytes) Range =>
        (task.OffsetBytes, task.LengthBytes);

    /// <summary>True when the child at this position is compared with the voters.</summary>
    protected abstract bool IsCompared(int position);

    /// <summary>True when it is made to agree.</summary>
    protected abstract bool IsWritten(int position);

    /// <summary>All that can answer have: decides who wins each block.</summary>
    protected abstract void Decide(RegionVote vote);

    /// <summary>A child did not carry out what would have made it agree.</summary>
    protected abstract FaultKind FaultOfWrite(int position);

    /// <summary>Everyone that could be made to agree does.</summary>
    protected abstract void OnApplied();

    /// <summary>A voter is out: nothing was written.</summary>
    protected abstract void OnAbandoned();

    protected bool IsOut(int position) => _isOut[position];

    protected override void Begin()
    {
        int blocks = task.Blocks;
        for (int rest = blocks; View.BadBlocks.Length > 0 && rest != 0; rest &= rest - 1)
        {
            int block = BitOperations.TrailingZeroCount(rest);
            blocks &= BadBlocks.Contains(View.BadBlocks, NumberOf(block)) ? ~(1 << block) : ~0;
        }

        _vote = new RegionVote(
            (task.OffsetBytes, task.LengthBytes), blocks, PositionCount, View.Children.Length);
        _data = new RegionData(this, task, _vote);
        for (int position = 0; position < PositionCount; position++)
        {
            if (IsCompared(position))
            {
                AskDigests(position, 0, _vote.Count);
            }
        }
    }

    protected sealed override bool Owes(int position) => _owed[position] > 0;

    protected sealed override void OnReply(ReplicaReply reply)
    {
        int position = RequestTag.PositionOf(reply);
        if (!Owes(position))
        {
            (reply as ReplicaRead)?.Data?.Release();
            return;
        }

        _owed[position]--;
        _owedInAll--;
        switch (RequestTag.StepOf(reply))
        {
            case RequestStep.Blocks:
                OnDigests(position, reply);
                break;
            case RequestStep.BlockFetch:
                _data!.OnFetched(position, reply);
                break;
            default:
                OnWritten(position, reply);
                break;
        }

        ProceedWhenQuiet();
    }

    protected sealed override void OnChildGone(int position, int errno, string reason)
    {
        SetOut(position, FaultKind.Out, errno, reason);
        ProceedWhenQuiet();
    }

    protected override void OnEnding() => _data?.Release();

    private long NumberOf(int block) => (task.OffsetBytes / RequestLimits.BlockLengthBytes) + block;

    /// <summary>Asks for the digests of a run of blocks; the number says which.</summary>
    private void AskDigests(int position, int firstBlock, int count)
    {
        int number = (firstBlock << 8) | count;
        (long offset, int length) = _vote.RangeOf(firstBlock, count);
        AskOne(position, new ReadReplica(
            RequestTag.Of(RequestStep.Blocks, position, number),
            View.At(position).Ticket,
            offset,
            length,
            ReplicaReadMode.BlockDigests,
            View.Options.Digest));
    }

    /// <summary>Asks a child something that the present step waits for.</summary>
    internal void AskOne(int position, ReplicaRequest request)
    {
        _owed[position]++;
        _owedInAll++;
        Ask(position, request);
    }

    private void OnDigests(int position, ReplicaReply reply)
    {
        int firstBlock = RequestTag.NumberOf(reply) >> 8;
        int count = RequestTag.NumberOf(reply) & 0xFF;
        switch (reply)
        {
            case ReplicaRead { BlockDigests: { } digests } when digests.Count == count:
                for (int i = 0; i < count; i++)
                {
                    _vote.SetDigest(position, firstBlock + i, digests[i]);
                }

                break;
            case ReplicaFailed failed when FaultOf(failed) is { } kind:
                SetOut(position, kind, failed.Errno, failed.Reason);
                break;
            case ReplicaFailed when count > 1:
                // One unreadable block must not cost the child its vote on the others.
                for (int block = firstBlock; block < firstBlock + count; block++)
                {
                    AskDigests(position, block, 1);
                }

                break;
            case ReplicaFailed failed:
                ReportBad(QuorumOperation.Read, position, failed.Errno);
                Note(new ChildNote(View.At(position).Index, Errors: 1) { Errno = failed.Errno });
                break;
            default:
                break;
        }
    }

    /// <summary>What it owes has failed; a voter that is out ends the request before its writes.</summary>
    internal void SetOut(int position, FaultKind kind, int errno, string reason)
    {
        AddFault(position, kind, errno, reason);
        _owedInAll -= _owed[position];
        _owed[position] = 0;
        _isOut[position] = true;
        _isVoterOut |= !IsTarget(position);
    }

    private void ProceedWhenQuiet()
    {
        while (_owedInAll == 0 && _step != Step.Concluded)
        {
            if (_step != Step.Applying && _isVoterOut)
            {
                _step = Step.Concluded;
                OnAbandoned();
                return;
            }

            switch (_step)
            {
                case Step.Collecting:
                    _step = Step.Fetching;
                    Decide(_vote);
                    _data!.Want(WantedBlocks());
                    _data.FetchMissing();
                    break;
                case Step.Fetching when _data!.IsMissing:
                    _data.FetchMissing();
                    break;
                case Step.Fetching:
                    _step = Step.Applying;
                    ReportLost();
                    Apply();
                    break;
                default:
                    _step = Step.Concluded;
                    OnApplied();
                    break;
            }
        }
    }

    /// <summary>Blocks of which somebody that is made to agree has something else, as bits.</summary>
    private int WantedBlocks()
    {
        int blocks = 0;
        for (int position = 0; position < PositionCount; position++)
        {
            blocks |= IsWritten(position) && !_isOut[position] ? _vote.DiffersIn(position) : 0;
        }

        return blocks;
    }

    /// <summary>Blocks that nobody can settle, with all having answered, go on the bad list (P22).</summary>
    private void ReportLost()
    {
        int lost = _vote.ToDo & ~_vote.Won;
        ImmutableArray<long>.Builder numbers = ImmutableArray.CreateBuilder<long>();
        for (int rest = lost; rest != 0; rest &= rest - 1)
        {
            numbers.Add(NumberOf(BitOperations.TrailingZeroCount(rest)));
        }

        if (numbers.Count > 0)
        {
            TellVolume(new BlocksWithoutWinner(numbers.ToImmutable()));
        }
    }

    private void Apply()
    {
        for (int position = 0; position < PositionCount; position++)
        {
            if (!IsWritten(position) || _isOut[position])
            {
                continue;
            }

            int blocks = _vote.DiffersIn(position);
            if (blocks != 0)
            {
                WriteRuns(position, blocks);
            }
            else if (task.Stamp.Stamp != 0)
            {
                AskOne(position, new StampReplica(
                    RequestTag.Of(RequestStep.Apply, position),
                    View.At(position).Ticket,
                    task.Stamp.Stamp,
                    task.Stamp.LowWater,
                    task.OffsetBytes,
                    task.LengthBytes));
            }
        }
    }

    private void WriteRuns(int position, int blocks)
    {
        for (int block = 0; block < _vote.Count;)
        {
            int first = block;
            bool isZero = (blocks & (1 << block)) != 0 && _data!.IsZero(block);
            while (block < _vote.Count && (blocks & (1 << block)) != 0 && _data!.IsZero(block) == isZero)
            {
                block++;
            }

            if (block == first)
            {
                block++;
                continue;
            }

            (long offset, int length) = _vote.RangeOf(first, block - first);
            WrittenBytes += length;
            AskOne(position, WriteOf(position, offset, length, isZero));
        }
    }

    private ReplicaRequest WriteOf(int position, long offset, int length, bool isZero)
    {
        int tag = RequestTag.Of(RequestStep.Apply, position, ++_lastRequest);
        ReplicaTicket ticket = View.At(position).Ticket;
        (ulong stamp, ulong lowWater) = (task.Stamp.Stamp, task.Stamp.LowWater);
        bool durable = View.Options.Durability == Durability.Write && !IsTarget(position);
        if (isZero)
        {
            return new ZeroReplica(tag, ticket, stamp, lowWater, offset, length, ZeroMode.MayPunch, durable);
        }

        PooledBuffer payload = PooledBuffer.CopyOf(_data!.BytesOf(offset, length));
        return new WriteReplica(tag, ticket, stamp, lowWater, offset, payload, durable);
    }

    private void OnWritten(int position, ReplicaReply reply)
    {
        if (reply is ReplicaDone)
        {
            return;
        }

        int errno = (reply as ReplicaFailed)?.Errno ?? Errno.InputOutput;
        string reason = (reply as ReplicaFailed)?.Reason ?? "it answered a write with something else";
        FaultKind? own = reply is ReplicaFailed failed ? FaultOf(failed) : null;
        AddFault(position, own ?? FaultOfWrite(position), errno, reason);
        ReportBad(QuorumOperation.Write, position, errno);
        Note(new ChildNote(View.At(position).Index, Errors: 1) { Errno = errno });
        _isOut[position] |= IsTarget(position);
    }
}
