using System.Numerics;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.Coordinator.Voting;

/// <summary>
/// The vote on each 4 KiB block of at most one region, for copies and reconciles: what the children hold, who
/// wins, and who has something else. Voters come first in the order of positions; those behind them are only
/// compared. Blocks that are not to do are never judged.
/// </summary>
internal sealed class RegionVote
{
    private const int BlockLengthBytes = RequestLimits.BlockLengthBytes;

    private readonly (long OffsetBytes, int LengthBytes) _range;
    private readonly Digest?[,] _digests;
    private readonly Digest[] _winners;
    private readonly ChildAnswer[] _row;
    private readonly int _voters;

    /// <param name="range">At whole blocks or the volume's end; at most 30 blocks.</param>
    /// <param name="toDo">The blocks that are judged, as bits.</param>
    /// <param name="positions">Voters, and those who are compared with them.</param>
    /// <param name="voters">The first of the positions.</param>
    internal RegionVote((long OffsetBytes, int LengthBytes) range, int toDo, int positions, int voters)
    {
        _range = range;
        _voters = voters;
        Count = (range.LengthBytes + BlockLengthBytes - 1) / BlockLengthBytes;
        ToDo = toDo & ((1 << Count) - 1);
        _digests = new Digest?[positions, Count];
        _winners = new Digest[Count];
        _row = new ChildAnswer[voters];
    }

    /// <summary>Blocks of the range.</summary>
    internal int Count { get; }

    /// <summary>The blocks that are judged, as bits.</summary>
    internal int ToDo { get; }

    /// <summary>The blocks that have a winner, as bits.</summary>
    internal int Won { get; private set; }

    /// <summary>Where a run of blocks lies.</summary>
    internal (long OffsetBytes, int LengthBytes) RangeOf(int firstBlock, int count)
    {
        int start = firstBlock * BlockLengthBytes;
        int end = Math.Min(_range.LengthBytes, (firstBlock + count) * BlockLengthBytes);
        return (_range.OffsetBytes + start, end - start);
    }

    /// <summary>What a child holds in a block; a block without it is one that it cannot read.</summary>
    internal void SetDigest(int position, int block, in Digest digest) => _digests[position, block] = digest;

    /// <summary>A voter turned out not to hold what it said.</summary>
    internal void Withdraw(int position, int block) => _digests[position, block] = null;

    /// <summary>
    /// A version wins where at least t voters hold it, by the rule of reads (P14). All have answered.
    /// </summary>
    internal void DecideByThreshold(int threshold)
    {
        for (int block = 0; block < Count; block++)
        {
            ReadOutcome outcome = Vote.Decide(Row(block), threshold);
            Settle(block, outcome.Verdict == ReadVerdict.Won ? outcome.FirstHolder : -1);
        }
    }

    /// <summary>A majority of the voters wins, and the first reader where there is none (P18).</summary>
    internal void DecideByMajorityOrFirst()
    {
        for (int block = 0; block < Count; block++)
        {
            (int holder, int votes) = Vote.MostFrequentVersion(Row(block));
            Settle(block, 2 * votes > _voters ? holder : FirstReader(block));
        }
    }

    /// <summary>The winning digest of a block that was won.</summary>
    internal Digest WinnerOf(int block) => _winners[block];

    /// <summary>A block whose winner nobody can give.</summary>
    internal void SetLost(int block) => Won &= ~(1 << block);

    internal bool IsWon(int block) => (Won & (1 << block)) != 0;

    /// <summary>True when the child holds the winner of a block that was won.</summary>
    internal bool Holds(int position, int block) =>
        IsWon(block) && _digests[position, block] is { } digest && digest == _winners[block];

    /// <summary>Won blocks of which the child holds something else, or cannot read, as bits.</summary>
    internal int DiffersIn(int position)
    {
        int blocks = 0;
        for (int rest = Won; rest != 0; rest &= rest - 1)
        {
            int block = BitOperations.TrailingZeroCount(rest);
            blocks |= Holds(position, block) ? 0 : 1 << block;
        }

        return blocks;
    }

    /// <summary>True when the child holds another version of a block that was won.</summary>
    internal bool Disagrees(int position)
    {
        for (int rest = DiffersIn(position); rest != 0; rest &= rest - 1)
        {
            if (_digests[position, BitOperations.TrailingZeroCount(rest)] is not null)
            {
                return true;
            }
        }

        return false;
    }

    private ReadOnlySpan<ChildAnswer> Row(int block)
    {
        for (int position = 0; position < _voters; position++)
        {
            _row[position] = _digests[position, block] is { } digest
                ? ChildAnswer.Value(digest)
                : ChildAnswer.Error(Errno.InputOutput);
        }

        return _row;
    }

    private int FirstReader(int block)
    {
        for (int position = 0; position < _voters; position++)
        {
            if (_digests[position, block] is not null)
            {
                return position;
            }
        }

        return -1;
    }

    private void Settle(int block, int holder)
    {
        if (holder >= 0 && (ToDo & (1 << block)) != 0)
        {
            Won |= 1 << block;
            _winners[block] = _digests[holder, block]!.Value;
        }
    }
}
