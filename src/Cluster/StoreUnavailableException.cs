namespace Replication.Cluster;

/// <summary>
/// The store did not answer. <b>After it, the outcome of a change is unknown</b> (P3): it may have been made,
/// may not have been, or may still be made after this exception was seen, by a request that is late on its
/// way.
/// </summary>
/// <remarks>
/// Only two things settle it: reading the change back (the entry stands with what was written), or a later
/// successful compare-and-set on the same key, which shows that the revision the lost change expected is gone
/// for good. Reading the <i>old</i> entry settles nothing: the change may land after that read. Sending the
/// same change again is safe, since at most one of the two can find the expected revision; but a conflict
/// then only says that one of them, or somebody else's, was made. A read that fails this way has simply not
/// been answered.
/// </remarks>
public sealed class StoreUnavailableException : Exception
{
    /// <summary>Says what could not be done and why.</summary>
    public StoreUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Says what could not be done, with the failure beneath it.</summary>
    public StoreUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
