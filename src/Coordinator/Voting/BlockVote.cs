using Replication.Actors.Disk;
using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.Coordinator.Voting;

/// <summary>
/// The second vote (P14): each 4 KiB block of a read judged on its own, so that two children that lie in
/// different blocks do not fail the read, and a block that nobody can settle does not keep the others from
/// being repaired.
/// </summary>
public sealed class BlockVote
{
    /// <summary>The unit of the second vote.</summary>
    public const int BlockLengthBytes = RequestLimits.BlockLengthBytes;

    private readonly long _offsetBytes;
    private readonly long _endBytes;
    private readonly Digest[]?[] _digests;
    private readonly ReadOutcome[] _outcomes;
    private readonly Digest[] _winners;
    private readonly ulong[] _withdrawn;
    private readonly ChildAnswer[] _row;
    private readonly ChildAnswer[] _whole;

    /// <param name="range">The read's range.</param>
    /// <param name="whole">The children's answers to the whole range; those that failed it count so in each
    /// block.</param>
    public BlockVote((long OffsetBytes, long LengthBytes) range, ReadOnlySpan<ChildAnswer> whole)
    {
        _offsetBytes = range.OffsetBytes;
        _endBytes = range.OffsetBytes + range.LengthBytes;
        Count = CountBlocks(range);
        _whole = whole.ToArray();
        _digests = new Digest[]?[whole.Length];
        _row = new ChildAnswer[whole.Length];
        _outcomes = new ReadOutcome[Count];
        _winners = new Digest[Count];
        _withdrawn = new ulong[Count];
    }

    /// <summary>Blocks that the range touches.</summary>
    public int Count { get; }

    /// <summary>
    /// True when a range touches more than one block, so that a second vote can say more than the first.
    /// </summary>
    public static bool HasSeveralBlocks((long OffsetBytes, long LengthBytes) range) => CountBlocks(range) > 1;

    /// <summary>The part of the range that lies in a block; cut at the range's ends.</summary>
    public (long OffsetBytes, int LengthBytes) BlockRange(int block)
    {
        long first = (_offsetBytes / BlockLengthBytes) + block;
        long start = Math.Max(_offsetBytes, first * BlockLengthBytes);
        long end = Math.Min(_endBytes, (first + 1) * BlockLengthBytes);
        return (start, (int)(end - start));
    }

    /// <summary>Digests of the blocks of received data, in order.</summary>
    public Digest[] DigestsOf(DigestKind kind, ReadOnlySpan<byte> data)
    {
        Digest[] digests = new Digest[Count];
        for (int block = 0; block < Count; block++)
        {
            (long offset, int length) = BlockRange(block);
            digests[block] = Digest.Compute(kind, data.Slice((int)(offset - _offsetBytes), length));
        }

        return digests;
    }

    /// <summary>What a child says of each block; false when that is not one digest for each.</summary>
    public bool TrySetDigests(int position, IReadOnlyList<Digest> digests)
    {
        if (digests.Count != Count)
        {
            return false;
        }

        _digests[position] = [.. digests];
        return true;
    }

    /// <summary>A child failed: it counts so in each block, and what it said before stays said.</summary>
    public void SetFailed(int position, ChildAnswer failure) => _whole[position] = failure;

    /// <summary>Judges every block.</summary>
    public void Decide(int threshold)
    {
        for (int block = 0; block < Count; block++)
        {
            ReadOutcome outcome = Vote.Decide(Row(block), threshold);
            _outcomes[block] = outcome;
            _winners[block] = outcome.Verdict == ReadVerdict.Won
                ? _digests[outcome.FirstHolder]![block]
                : default;
        }
    }

    /// <summary>How a block was judged.</summary>
    public ReadOutcome OutcomeOf(int block) => _outcomes[block];

    /// <summary>A block that turned out to have no readable winner.</summary>
    public void SetLost(int block) => _outcomes[block] = new ReadOutcome(ReadVerdict.NoWinner, -1, 0, 0);

    /// <summary>The winning digest of a block that was won.</summary>
    public Digest WinnerOf(int block) => _winners[block];

    /// <summary>
    /// A child that voted for the winner of a block turned out not to hold it: its vote justifies no repair
    /// any longer (P19). What won has won.
    /// </summary>
    public void Withdraw(int position, int block)
    {
        if (Holds(position, block))
        {
            _withdrawn[block] |= 1UL << position;
            _outcomes[block] = _outcomes[block] with { Votes = _outcomes[block].Votes - 1 };
        }
    }

    /// <summary>True when the child holds the winning version of a block that was won.</summary>
    public bool Holds(int position, int block) =>
        _outcomes[block].Verdict == ReadVerdict.Won && (_withdrawn[block] & (1UL << position)) == 0
        && _digests[position] is { } digests && digests[block] == _winners[block];

    /// <summary>
    /// True when the child answered for a won block with another version, or failed to read it.
    /// </summary>
    public bool IsLoser(int position, int block) =>
        _outcomes[block].Verdict == ReadVerdict.Won && !Holds(position, block)
        && _whole[position].Kind is AnswerKind.Value or AnswerKind.Error;

    /// <summary>True when more than half of the children hold the winner of the block (P19).</summary>
    public bool JustifiesRepair(int block) =>
        _outcomes[block].Verdict == ReadVerdict.Won
            && Vote.JustifiesRepair(_outcomes[block].Votes, _whole.Length);

    private static int CountBlocks((long OffsetBytes, long LengthBytes) range)
    {
        long first = range.OffsetBytes / BlockLengthBytes;
        long last = (range.OffsetBytes + range.LengthBytes - 1) / BlockLengthBytes;
        return checked((int)(last - first + 1));
    }

    private ReadOnlySpan<ChildAnswer> Row(int block)
    {
        for (int position = 0; position < _row.Length; position++)
        {
            _row[position] = _digests[position] is { } digests
                ? ChildAnswer.Value(digests[block])
                : _whole[position].Kind == AnswerKind.Value ? ChildAnswer.Error(Errno.InputOutput)
                    : _whole[position];
        }

        return _row;
    }
}
