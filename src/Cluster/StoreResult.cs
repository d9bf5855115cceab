namespace Replication.Cluster;

/// <summary>
/// The known outcomes of a change. An unknown one is not a result but a
/// <see cref="StoreUnavailableException"/>, so that it cannot be taken for either of these.
/// </summary>
public abstract record StoreResult
{
    private StoreResult()
    {
    }

    /// <summary>The change was made and is durable.</summary>
    /// <param name="Revision">The change's own revision; after a compare-and-set also the entry's.</param>
    public sealed record Done(long Revision) : StoreResult;

    /// <summary>
    /// The key was not at the expected revision. Nothing was changed, and this change never will be.
    /// </summary>
    /// <param name="Current">What stands there, or null where the key is absent.</param>
    public sealed record Conflict(StoreEntry? Current) : StoreResult;
}
