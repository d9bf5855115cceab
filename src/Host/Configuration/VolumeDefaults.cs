using Replication.Cluster.Records;
using Replication.Messages.Digests;

namespace Replication.Host.Configuration;

/// <summary>What a new volume gets when nothing else is said.</summary>
internal sealed record VolumeDefaults
{
    /// <summary><c>size</c>: a multiple of 512.</summary>
    public long SizeBytes { get; init; } = 1L << 30;

    /// <summary><c>threshold</c>: 0 for half of the children and one.</summary>
    public int Threshold { get; init; }

    /// <summary><c>rewrite-corrupted</c>.</summary>
    public bool RewriteCorrupted { get; init; } = true;

    /// <summary><c>digest</c>.</summary>
    public DigestKind Digest { get; init; } = DigestKind.Xxh128;

    /// <summary><c>read-pattern</c>.</summary>
    public ReadPattern ReadPattern { get; init; } = ReadPattern.Quorum;

    /// <summary><c>durability</c>.</summary>
    public Durability Durability { get; init; } = Durability.Flush;

    /// <summary><c>on-cache-loss</c>.</summary>
    public CacheLossPolicy OnCacheLoss { get; init; } = CacheLossPolicy.Continue;
}
