namespace Replication.Cluster;

/// <summary>
/// One key with its value and the revision of the change that wrote it. Two entries are equal when their
/// values are equal byte by byte. The value belongs to the store and is never written again.
/// </summary>
/// <param name="Key">The key, within <see cref="StoreLimits"/>.</param>
/// <param name="Value">The value's bytes; read only.</param>
/// <param name="Revision">At least 1; what a compare-and-set of this entry expects.</param>
public sealed record StoreEntry(string Key, ReadOnlyMemory<byte> Value, long Revision)
{
    /// <summary>Equal key, revision and bytes.</summary>
    public bool Equals(StoreEntry? other) =>
        other is not null
        && Revision == other.Revision
        && string.Equals(Key, other.Key, StringComparison.Ordinal)
        && Value.Span.SequenceEqual(other.Value.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => Revision.GetHashCode();
}
