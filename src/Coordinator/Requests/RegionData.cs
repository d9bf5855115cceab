using System.Numerics;
using Replication.Actors.Buffers;
using Replication.Coordinator.Voting;
using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.Coordinator.Requests;

/// <summary>
/// The bytes of the winners that a region's copy or reconcile writes, and the search for a child that can
/// give each: bytes that do not have the winning digest are asked elsewhere (P14). Owns what it keeps. Runs
/// within the region's coordinator.
/// </summary>
internal sealed class RegionData(RegionCoordinator region, RegionTask task, RegionVote vote)
{
    private const int BlocksMax = RequestLimits.RegionLengthBytes / RequestLimits.BlockLengthBytes;

    private readonly ulong[] _asked = new ulong[BlocksMax];
    private PooledBuffer? _bytes;
    private int _missing;

    /// <summary>True while a block that is wanted is not at hand.</summary>
    internal bool IsMissing => _missing != 0;

    /// <summary>The winners of these blocks, as bits, are to be written; zeroes need no fetching.</summary>
    internal void Want(int blocks)
    {
        _missing = blocks;
        for (int rest = blocks; rest != 0; rest &= rest - 1)
        {
            int block = BitOperations.TrailingZeroCount(rest);
            _missing &= IsZero(block) ? ~(1 << block) : ~0;
        }
    }

    /// <summary>True when the winner of a block is nothing but zeroes.</summary>
    internal bool IsZero(int block) => vote.WinnerOf(block)
        == ZeroBlock.DigestOf(region.View.Options.Digest, vote.RangeOf(block, 1).LengthBytes);

    /// <summary>Bytes of winners that are at hand.</summary>
    internal ReadOnlySpan<byte> BytesOf(long offsetBytes, int lengthBytes) =>
        _bytes!.Span.Slice((int)(offsetBytes - task.OffsetBytes), lengthBytes);

    internal void Release()
    {
        _bytes?.Release();
        _bytes = null;
    }

    /// <summary>
    /// Asks for every block that is not at hand, in runs, a holder that was not asked for it before.
    /// </summary>
    internal void FetchMissing()
    {
        for (int block = 0; block < vote.Count;)
        {
            int holder = (_missing & (1 << block)) != 0 ? NextHolder(block) : -1;
            if (holder < 0)
            {
                if ((_missing & (1 << block)) != 0)
                {
                    vote.SetLost(block);
                    _missing &= ~(1 << block);
                }

                block++;
                continue;
            }

            int first = block;
            while (block < vote.Count && (_missing & (1 << block)) != 0 && NextHolder(block) == holder)
            {
                _asked[block] |= 1UL << holder;
                block++;
            }

            (long offset, int length) = vote.RangeOf(first, block - first);
            region.AskOne(holder, new ReadReplica(
                RequestTag.Of(RequestStep.BlockFetch, holder, (first << 8) | (block - first)),
                region.View.At(holder).Ticket,
                offset,
                length,
                ReplicaReadMode.Data,
                region.View.Options.Digest));
        }
    }

    /// <summary>A child has answered a fetch; what it does not give is still missing.</summary>
    internal void OnFetched(int position, ReplicaReply reply)
    {
        int firstBlock = RequestTag.NumberOf(reply) >> 8;
        int count = RequestTag.NumberOf(reply) & 0xFF;
        PooledBuffer? data = (reply as ReplicaRead)?.Data;
        if (reply is ReplicaFailed failed && RequestCoordinator.FaultOf(failed) is { } kind)
        {
            region.SetOut(position, kind, failed.Errno, failed.Reason);
        }
        else if (data?.LengthBytes == vote.RangeOf(firstBlock, count).LengthBytes)
        {
            Keep(position, firstBlock, count, data.Span);
        }

        data?.Release();
    }

    /// <summary>Where the search begins differs from request to request, to spread the load.</summary>
    private int NextHolder(int block)
    {
        int voters = region.View.Children.Length;
        for (int i = 0; i < voters; i++)
        {
            int position = (int)((ulong)(region.RequestId + i) % (uint)voters);
            if ((_asked[block] & (1UL << position)) == 0 && vote.Holds(position, block))
            {
                return position;
            }
        }

        return -1;
    }

    /// <summary>Keeps the blocks whose bytes have the winning digest; others are asked elsewhere.</summary>
    private void Keep(int position, int firstBlock, int count, ReadOnlySpan<byte> bytes)
    {
        _bytes ??= PooledBuffer.Rent(task.LengthBytes);
        long start = vote.RangeOf(firstBlock, count).OffsetBytes;
        for (int block = firstBlock; block < firstBlock + count; block++)
        {
            (long offset, int length) = vote.RangeOf(block, 1);
            ReadOnlySpan<byte> own = bytes.Slice((int)(offset - start), length);
            if (Digest.Compute(region.View.Options.Digest, own) == vote.WinnerOf(block))
            {
                own.CopyTo(_bytes.Span[(int)(offset - task.OffsetBytes)..]);
                _missing &= ~(1 << block);
            }
            else
            {
                vote.Withdraw(position, block);
            }
        }
    }
}
