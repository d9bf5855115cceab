namespace Replication.Cluster.Embedded;

/// <summary>The bounds of the embedded store, each with what happens at it.</summary>
internal static class JournalLimits
{
    /// <summary>Changes in one frame, made durable by one sync; more wait for the next.</summary>
    public const int BatchChangesMax = 256;

    /// <summary>Bytes of a frame after which no further change joins it.</summary>
    public const int BatchLengthMaxBytes = 2 * 1024 * 1024;

    /// <summary>Changes that wait; the next fails with <see cref="StoreUnavailableException"/>.</summary>
    public const int WaitingChangesMax = 4096;

    /// <summary>
    /// The longest frame that is written (a full batch and one more change of the largest kind fit) and so
    /// the longest tail that a crash can leave: anything longer is damage, and is refused.
    /// </summary>
    public const int FrameLengthMaxBytes = 4 * 1024 * 1024;

    /// <summary>
    /// Encoded entries that the store holds; a write past it fails as unavailable, deletes go on.
    /// </summary>
    public const long LiveLengthMaxBytes = 64L * 1024 * 1024;

    /// <summary>
    /// The longest file that is read at all: far above what compaction lets a journal grow to.
    /// </summary>
    public const long FileLengthMaxBytes = 1024L * 1024 * 1024;
}
