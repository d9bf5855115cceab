namespace Replication.Cluster.Embedded;

/// <summary>What an embedded store can be told.</summary>
public sealed record EmbeddedStoreOptions
{
    /// <summary>
    /// The journal is compacted once more than this, and more than what is live, is garbage: bytes of changes
    /// that later ones replaced. 1 MiB unless said otherwise.
    /// </summary>
    public long GarbageLengthMaxBytes { get; init; } = 1024 * 1024;

    /// <summary>
    /// Told, in a sentence, of a tail that was cut at opening and of the failure that ends the store. Called
    /// by the opening thread and by the store's own; it must not throw or block.
    /// </summary>
    public Action<string> Log { get; init; } = static _ => { };
}
