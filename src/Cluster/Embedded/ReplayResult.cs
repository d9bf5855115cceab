namespace Replication.Cluster.Embedded;

/// <summary>What reading a journal came to.</summary>
internal abstract record ReplayResult
{
    private ReplayResult()
    {
    }

    /// <summary>
    /// The journal is good up to a length; what follows, if anything, is one frame that a crash cut.
    /// </summary>
    /// <param name="State">Everything whole frames say.</param>
    /// <param name="GoodLengthBytes">Where the good part ends.</param>
    /// <param name="CutReason">What is wrong with the tail, or null where there is none.</param>
    public sealed record Replayed(StoreState State, int GoodLengthBytes, string? CutReason) : ReplayResult;

    /// <summary>
    /// The journal is damaged in a way that no crash explains; nothing of it may be used or changed.
    /// </summary>
    /// <param name="Offset">Where the damage is, in bytes from the start of the file.</param>
    /// <param name="Reason">What is wrong there.</param>
    public sealed record Refused(long Offset, string Reason) : ReplayResult;
}
