using System.Collections.Immutable;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>Questions about a list of bad 4 KiB blocks: numbers, rising (P22).</summary>
internal static class BadBlocks
{
    private const long BlockLengthBytes = RequestLimits.BlockLengthBytes;

    /// <summary>True when the range touches one of them; its number is the first that it touches.</summary>
    internal static bool TryFindIn(
        ImmutableArray<long> blocks, (long OffsetBytes, long LengthBytes) range, out long block)
    {
        int index = FirstFrom(blocks, range.OffsetBytes / BlockLengthBytes);
        block = index < blocks.Length ? blocks[index] : -1;
        return block >= 0 && block * BlockLengthBytes < range.OffsetBytes + range.LengthBytes;
    }

    /// <summary>The first part of the range that is made of them; false when none of it is.</summary>
    internal static bool TryFindRunIn(
        ImmutableArray<long> blocks,
        (long OffsetBytes, long LengthBytes) range,
        out (long OffsetBytes, long LengthBytes) found)
    {
        found = default;
        if (!TryFindIn(blocks, range, out long first))
        {
            return false;
        }

        long end = first + 1;
        while (end * BlockLengthBytes < range.OffsetBytes + range.LengthBytes && Contains(blocks, end))
        {
            end++;
        }

        long startBytes = Math.Max(range.OffsetBytes, first * BlockLengthBytes);
        long endBytes = Math.Min(range.OffsetBytes + range.LengthBytes, end * BlockLengthBytes);
        found = (startBytes, endBytes - startBytes);
        return true;
    }

    /// <summary>True when this block is one of them.</summary>
    internal static bool Contains(ImmutableArray<long> blocks, long block) =>
        blocks.AsSpan().BinarySearch(block) >= 0;

    /// <summary>Those that lie in the range as a whole; the volume's last block may be a short one.</summary>
    internal static ImmutableArray<long> CoveredBy(
        ImmutableArray<long> blocks, (long OffsetBytes, long LengthBytes) range, long volumeSizeBytes)
    {
        long endBytes = range.OffsetBytes + range.LengthBytes;
        long endBlock = endBytes == volumeSizeBytes ? RoundUp(endBytes) : endBytes / BlockLengthBytes;
        int first = FirstFrom(blocks, RoundUp(range.OffsetBytes));
        int end = FirstFrom(blocks, endBlock);
        return end > first ? [.. blocks.AsSpan(first, end - first)] : [];
    }

    private static long RoundUp(long bytes) => (bytes + BlockLengthBytes - 1) / BlockLengthBytes;

    private static int FirstFrom(ImmutableArray<long> blocks, long block)
    {
        int index = blocks.AsSpan().BinarySearch(block);
        return index >= 0 ? index : ~index;
    }
}
