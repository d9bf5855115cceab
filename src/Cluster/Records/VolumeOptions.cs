using Replication.Messages.Digests;

namespace Replication.Cluster.Records;

/// <summary>What an administrator chose for a volume.</summary>
public sealed record VolumeOptions
{
    /// <summary>
    /// Votes that a version needs to win, and Synced children that the volume needs to go on: 1 to the number
    /// of children.
    /// </summary>
    public required int Threshold { get; init; }

    /// <summary>How reads are answered.</summary>
    public ReadPattern ReadPattern { get; init; } = ReadPattern.Quorum;

    /// <summary>Whether the losers of a vote are rewritten with what won (P19).</summary>
    public bool RewriteCorrupted { get; init; }

    /// <summary>
    /// Whether two children are compared and a difference stops the volume: threshold 2, no more.
    /// </summary>
    public bool Blkverify { get; init; }

    /// <summary>
    /// Whether reads compare the two children of a blkverify volume. Not with fifo, as in QEMU, which takes
    /// both settings and then asks one child alone.
    /// </summary>
    public bool ComparesReads => Blkverify && ReadPattern != ReadPattern.Fifo;

    /// <summary>The digest that votes are made of.</summary>
    public DigestKind Digest { get; init; } = DigestKind.Xxh128;

    /// <summary>When writes survive the loss of power.</summary>
    public Durability Durability { get; init; } = Durability.Flush;

    /// <summary>What happens when every memory of unflushed writes was lost.</summary>
    public CacheLossPolicy OnCacheLoss { get; init; } = CacheLossPolicy.Continue;
}
