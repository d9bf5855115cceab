using Replication.Cluster.Records;
using Replication.Messages.Digests;

namespace Replication.Host.Configuration;

/// <summary>
/// A volume that is to be there once the gateway has started: made where it is not. Null is what was left
/// out, for <see cref="VolumeDefaults"/> or for what exists to decide.
/// </summary>
internal sealed record VolumeWish
{
    /// <summary>The volume's name.</summary>
    public required string Name { get; init; }

    /// <summary><c>size</c>.</summary>
    public long? SizeBytes { get; init; }

    /// <summary><c>threshold</c>.</summary>
    public int? Threshold { get; init; }

    /// <summary><c>rewrite-corrupted</c>.</summary>
    public bool? RewriteCorrupted { get; init; }

    /// <summary><c>digest</c>.</summary>
    public DigestKind? Digest { get; init; }

    /// <summary><c>durability</c>.</summary>
    public Durability? Durability { get; init; }

    /// <summary><c>on-cache-loss</c>.</summary>
    public CacheLossPolicy? OnCacheLoss { get; init; }

    /// <summary>
    /// <c>children</c>: the nodes of a new volume's children; null for all. What exists has had children
    /// added and removed, so it is not compared.
    /// </summary>
    public IReadOnlyList<string>? Children { get; init; }
}
