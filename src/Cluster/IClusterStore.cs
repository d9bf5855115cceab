namespace Replication.Cluster;

/// <summary>
/// What the cluster agrees on: a small, durable, linearizable map from keys to values, changed by
/// compare-and-set only. Every change takes the next number of one store-wide counter, and an entry's
/// revision is the number of the change that wrote it last (etcd's mod_revision), so a revision is never used
/// twice, not even by a key that was deleted and made again.
/// </summary>
/// <remarks>
/// <para>
/// <b>Completion.</b> A change's task completes only once the change is durable, and no read shows a change
/// before that. Implementations never block the caller. Which thread completes a task is theirs to choose; an
/// actor has the result piped to itself as a message.
/// </para>
/// <para>
/// <b>Unknown outcomes (P3).</b> A task that fails with <see cref="StoreUnavailableException"/> says nothing
/// about the change: it may have been made, may not have been, or may still be made later. See there for what
/// settles it.
/// </para>
/// <para>
/// <b>Arguments.</b> A key that breaks <see cref="StoreLimits"/>, or a value that is too long, is the
/// caller's fault and throws <see cref="ArgumentException"/> from the call itself.
/// </para>
/// </remarks>
public interface IClusterStore
{
    /// <summary>The entry of a key, or null where there is none.</summary>
    Task<StoreEntry?> GetAsync(string key);

    /// <summary>
    /// Every entry whose key starts with the prefix, in ordinal order of the keys, as of one moment. The
    /// empty prefix lists the whole store.
    /// </summary>
    Task<IReadOnlyList<StoreEntry>> ListAsync(string prefix);

    /// <summary>
    /// Writes the value if the key's revision is the expected one. The value is copied before the call
    /// returns, so the caller's buffer stays the caller's.
    /// </summary>
    /// <param name="key">The key, within <see cref="StoreLimits"/>.</param>
    /// <param name="expectedRevision">The revision the entry must have; 0: the key must be absent.</param>
    /// <param name="value">At most <see cref="StoreLimits.ValueLengthMaxBytes"/>.</param>
    Task<StoreResult> CompareAndSetAsync(string key, long expectedRevision, ReadOnlyMemory<byte> value);

    /// <summary>
    /// Deletes the key if its revision is the expected one (at least 1). An absent key is a conflict with no
    /// entry.
    /// </summary>
    Task<StoreResult> DeleteAsync(string key, long expectedRevision);
}
