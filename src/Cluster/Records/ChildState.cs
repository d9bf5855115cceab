namespace Replication.Cluster.Records;

/// <summary>
/// What the record says of a child (P2). Resyncing and Rebuilding are Stale here; the owner knows the
/// difference.
/// </summary>
public enum ChildState
{
    /// <summary>Has every acknowledged write: votes and counts.</summary>
    Synced,

    /// <summary>May lack acknowledged writes: neither votes nor counts (I4).</summary>
    Stale,

    /// <summary>Has every flushed write, and lost its memory of unflushed ones (P12).</summary>
    Lapsed,

    /// <summary>Ejected; comes back as Stale only.</summary>
    Faulted,
}
