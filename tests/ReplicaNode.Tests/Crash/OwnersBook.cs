using Replication.Messages;

namespace Replication.ReplicaNode.Tests.Crash;

/// <summary>Something the owner asked for. Moments are lengths of the disk's log.</summary>
internal abstract class Asked
{
    internal int SentAt { get; init; }

    /// <summary>When it was answered, and well; <see cref="int.MaxValue"/> when never.</summary>
    internal int DoneAt { get; set; } = int.MaxValue;
}

/// <summary>A write, zeroing (content 0) or, without content, a stamp of some blocks.</summary>
internal sealed class AskedChange : Asked
{
    internal required ulong Stamp { get; init; }

    internal required int FirstBlock { get; init; }

    internal required int BlockCount { get; init; }

    /// <summary>What the blocks hold then; null for a stamp.</summary>
    internal ulong? Content { get; init; }

    internal bool Fua { get; init; }

    internal int LastBlock => FirstBlock + BlockCount - 1;
}

internal sealed class AskedFlush : Asked
{
    internal required ulong Checkpoint { get; init; }

    internal bool IsClose { get; init; }
}

internal sealed class AskedOpen : Asked
{
    internal required uint Epoch { get; init; }

    internal required ReplicaRole Role { get; init; }
}

internal sealed class AskedRecord : Asked
{
    internal required long Serial { get; init; }
}

internal sealed class AskedSettle : Asked
{
    internal required ulong Clean { get; init; }
}

/// <summary>Everything that an owner asked of a replica, in order: what a crash is judged by.</summary>
internal sealed class OwnersBook
{
    internal const int BlockBytes = 4096;
    internal const int BlocksPerRegion = RequestLimits.RegionLengthBytes / BlockBytes;
    internal const int BlocksPerZone = RequestLimits.ZoneLengthBytes / BlockBytes;

    private readonly SortedDictionary<int, List<AskedChange>> _blocks = [];

    internal List<Asked> All { get; } = [];

    /// <summary>Every block that was ever written, with its changes of content in order.</summary>
    internal IEnumerable<KeyValuePair<int, List<AskedChange>>> Blocks => _blocks;

    /// <summary>What a sector of a block holds: its place and what it is, over and over.</summary>
    internal static void Fill(Span<byte> sector, int block, ulong content)
    {
        sector.Clear();
        for (int at = 0; content != 0 && at < sector.Length; at += 16)
        {
            BitConverter.TryWriteBytes(sector[at..], (long)block);
            BitConverter.TryWriteBytes(sector[(at + 8)..], content);
        }
    }

    /// <summary>The content of a sector; throws for one that nobody wrote.</summary>
    internal static ulong ContentOf(ReadOnlySpan<byte> sector, int block)
    {
        ulong content = BitConverter.ToUInt64(sector[8..]);
        Span<byte> expected = stackalloc byte[SparseFile.SectorBytes];
        Fill(expected, block, content);
        Assert.True(sector.SequenceEqual(expected), $"block {block} holds what nobody wrote");
        return content;
    }

    internal T Add<T>(T asked)
        where T : Asked
    {
        All.Add(asked);
        if (asked is AskedChange { Content: not null } change)
        {
            for (int block = change.FirstBlock; block <= change.LastBlock; block++)
            {
                if (!_blocks.TryGetValue(block, out List<AskedChange>? changes))
                {
                    _blocks.Add(block, changes = []);
                }

                changes.Add(change);
            }
        }

        return asked;
    }

    internal IEnumerable<T> Sent<T>(int moment)
        where T : Asked =>
        All.OfType<T>().Where(asked => asked.SentAt <= moment);
}
