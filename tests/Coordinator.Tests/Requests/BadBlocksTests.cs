using System.Collections.Immutable;
using Replication.Coordinator.Requests;

namespace Replication.Coordinator.Tests.Requests;

/// <summary>Which bad blocks a range touches, and which it covers (P22).</summary>
public sealed class BadBlocksTests
{
    private const int Block = 4096;
    private const long VolumeSizeBytes = (20 * Block) + 512;

    private static readonly ImmutableArray<long> Bad = [3, 4, 7, 20];

    [Theory]
    [InlineData(0, 3 * Block, -1)]
    [InlineData(0, (3 * Block) + 1, 3)]
    [InlineData((4 * Block) + 4095, 1, 4)]
    [InlineData(5 * Block, 2 * Block, -1)]
    [InlineData(5 * Block, 3 * Block, 7)]
    [InlineData(20 * Block, 1, 20)]
    public void A_range_touches_a_block_by_any_byte_of_it(long offset, long length, long expected)
    {
        Assert.Equal(expected >= 0, BadBlocks.TryFindIn(Bad, (offset, length), out long block));
        Assert.True(expected < 0 || block == expected);
    }

    [Fact]
    public void An_empty_list_is_touched_by_nothing() =>
        Assert.False(BadBlocks.TryFindIn([], (0, VolumeSizeBytes), out _));

    [Theory]
    [InlineData(0, 20 * Block, 3 * Block, 2 * Block)]
    [InlineData((3 * Block) + 5, 10, (3 * Block) + 5, 10)]
    [InlineData((4 * Block) + 5, 4 * Block, (4 * Block) + 5, Block - 5)]
    [InlineData(6 * Block, (1 * Block) + 9, 7 * Block, 9)]
    [InlineData(19 * Block, Block + 512, 20 * Block, 512)]
    public void A_run_of_bad_blocks_is_cut_to_the_range(
        long offset, long length, long foundOffset, long foundLength)
    {
        Assert.True(BadBlocks.TryFindRunIn(Bad, (offset, length), out (long Offset, long Length) found));
        Assert.Equal((foundOffset, foundLength), found);
    }

    [Theory]
    [InlineData(3 * Block, Block, new long[] { 3 })]
    [InlineData((3 * Block) + 1, Block, new long[0])]
    [InlineData(3 * Block, Block - 1, new long[0])]
    [InlineData((3 * Block) + 1, 2 * Block, new long[] { 4 })]
    [InlineData(0, 20 * Block, new long[] { 3, 4, 7 })]
    public void A_block_is_covered_only_as_a_whole(long offset, long length, long[] expected) =>
        Assert.Equal(expected, BadBlocks.CoveredBy(Bad, (offset, length), VolumeSizeBytes).ToArray());

    [Theory]
    [InlineData(512, new long[] { 20 })]
    [InlineData(511, new long[0])]
    public void The_last_block_may_be_a_short_one_and_is_whole_to_the_volumes_end(
        long length, long[] expected) => Assert.Equal(
            expected, BadBlocks.CoveredBy(Bad, (20 * Block, length), VolumeSizeBytes).ToArray());
}
