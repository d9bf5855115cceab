using Replication.Coordinator.Voting;
using Replication.Messages.Digests;

namespace Replication.Coordinator.Tests.Voting;

/// <summary>The second vote: each 4 KiB block on its own.</summary>
public sealed class BlockVoteTests
{
    [Fact]
    public void Blocks_lie_on_the_volumes_grid_and_are_cut_at_the_ends_of_the_range()
    {
        BlockVote vote = Vote(4000, 4300, "AAA");

        Assert.Equal(3, vote.Count);
        Assert.Equal((4000L, 96), vote.BlockRange(0));
        Assert.Equal((4096L, 4096), vote.BlockRange(1));
        Assert.Equal((8192L, 108), vote.BlockRange(2));
    }

    [Theory]
    [InlineData(0, 4096, false)]
    [InlineData(0, 4097, true)]
    [InlineData(4095, 2, true)]
    [InlineData(4096, 4096, false)]
    [InlineData(100, 1, false)]
    public void Only_a_range_over_several_blocks_can_be_judged_again(
        long offset, long length, bool several) =>
        Assert.Equal(several, BlockVote.HasSeveralBlocks((offset, length)));

    [Fact]
    public void Digests_of_data_are_those_of_its_blocks()
    {
        byte[] data = [.. Enumerable.Range(0, 4300).Select(static i => (byte)i)];
        BlockVote vote = Vote(4000, 4300, "AAA");

        Assert.Equal(
            [
                Digest.Compute(DigestKind.Xxh128, data.AsSpan(0, 96)),
                Digest.Compute(DigestKind.Xxh128, data.AsSpan(96, 4096)),
                Digest.Compute(DigestKind.Xxh128, data.AsSpan(4192)),
            ],
            vote.DigestsOf(DigestKind.Xxh128, data));
    }

    [Fact]
    public void Two_liars_in_different_blocks_lose_a_block_each()
    {
        BlockVote vote = Decided(2, "XAA", "AXA", "AAA");

        for (int block = 0; block < 3; block++)
        {
            Assert.Equal(ReadVerdict.Won, vote.OutcomeOf(block).Verdict);
            Assert.Equal(Answers.Version('A'), vote.WinnerOf(block));
            Assert.True(vote.JustifiesRepair(block));
        }

        Assert.True(vote.IsLoser(0, 0));
        Assert.False(vote.IsLoser(0, 1));
        Assert.True(vote.IsLoser(1, 1));
        Assert.False(vote.IsLoser(2, 0));
        Assert.True(vote.Holds(2, 0));
        Assert.False(vote.Holds(0, 0));
    }

    [Fact]
    public void A_block_without_a_winner_has_no_holders_and_no_losers()
    {
        BlockVote vote = Decided(2, "XA", "YA", "ZA");

        Assert.Equal(ReadVerdict.NoWinner, vote.OutcomeOf(0).Verdict);
        Assert.False(vote.Holds(0, 0));
        Assert.False(vote.IsLoser(0, 0));
        Assert.False(vote.JustifiesRepair(0));
        Assert.Equal(ReadVerdict.Won, vote.OutcomeOf(1).Verdict);
    }

    [Fact]
    public void P19_a_winner_that_half_hold_justifies_no_repair()
    {
        BlockVote vote = Decided(2, "AA", "AB", "BA", "CA");

        Assert.Equal(ReadVerdict.Won, vote.OutcomeOf(0).Verdict);
        Assert.False(vote.JustifiesRepair(0));
        Assert.True(vote.JustifiesRepair(1));
    }

    [Fact]
    public void A_child_that_failed_the_range_counts_as_failed_in_each_block()
    {
        BlockVote vote = new((0, 8192), Answers.Of("AA5"));
        Set(vote, 0, "AB");
        Set(vote, 1, "AC");
        vote.Decide(2);

        Assert.Equal(ReadVerdict.Won, vote.OutcomeOf(0).Verdict);
        Assert.True(vote.IsLoser(2, 0));
        Assert.Equal(ReadVerdict.NoWinner, vote.OutcomeOf(1).Verdict);
    }

    [Fact]
    public void A_child_that_went_out_is_neither_counted_nor_a_loser()
    {
        BlockVote vote = new((0, 8192), Answers.Of("AAA"));
        Set(vote, 0, "AA");
        Set(vote, 1, "AA");
        vote.SetFailed(2, ChildAnswer.Gone(110));
        vote.Decide(2);

        Assert.Equal(ReadVerdict.Won, vote.OutcomeOf(0).Verdict);
        Assert.False(vote.IsLoser(2, 0));
    }

    [Fact]
    public void Digests_of_another_number_of_blocks_are_refused()
    {
        BlockVote vote = Vote(0, 8192, "AA");

        Assert.False(vote.TrySetDigests(0, [Answers.Version('A')]));
        Assert.False(vote.TrySetDigests(0, [.. Enumerable.Repeat(Answers.Version('A'), 3)]));
        Assert.True(vote.TrySetDigests(0, [.. Enumerable.Repeat(Answers.Version('A'), 2)]));
    }

    private static BlockVote Vote(long offset, long length, string whole) =>
        new((offset, length), Answers.Of(whole));

    private static BlockVote Decided(int threshold, params string[] children)
    {
        BlockVote vote = Vote(0, 4096 * children[0].Length, new string('A', children.Length));
        for (int position = 0; position < children.Length; position++)
        {
            Set(vote, position, children[position]);
        }

        vote.Decide(threshold);
        return vote;
    }

    private static void Set(BlockVote vote, int position, string blocks) =>
        Assert.True(vote.TrySetDigests(position, [.. blocks.Select(Answers.Version)]));
}
