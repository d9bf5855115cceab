using Replication.Cluster.Records;

namespace Replication.Coordinator.Volumes;

/// <summary>One volume as it stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its id.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Options">Its options, the threshold among them.</param>
/// <param name="Epoch">The owner's epoch.</param>
/// <param name="Condition">How it is doing.</param>
/// <param name="Reason">Why it is not healthy; null when it is.</param>
/// <param name="UnreconciledBytes">Bytes in which children may differ, by a failed write or a takeover: reads
/// of them wait to be reconciled, and fail after child-timeout (P17).</param>
/// <param name="Children">Its children in order.</param>
public sealed record VolumeStatus(
    string Name,
    Guid Id,
    long SizeBytes,
    VolumeOptions Options,
    uint Epoch,
    VolumeCondition Condition,
    string? Reason,
    long UnreconciledBytes,
    IReadOnlyList<ChildStatus> Children)
{
    /// <summary>
    /// False when the volume did not answer in time: all but the reason is what is last known of it then.
    /// </summary>
    public bool Answers { get; init; } = true;

    /// <summary>
    /// Since when the condition is what it is; null until it changed for the first time in this start.
    /// </summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Bytes of blocks without a winner: reads of them fail until they are written (P22).</summary>
    public long BadBytes { get; init; }

    /// <summary>Reads that found no winner; null when there was none.</summary>
    public ReadsWithoutWinner? ReadsWithoutWinner { get; init; }

    /// <summary>Requests that children work on.</summary>
    public int RequestsRunning { get; init; }

    /// <summary>Requests that wait for a lock, for room, or for the volume.</summary>
    public int RequestsWaiting { get; init; }

    /// <summary>Those of the waiting ones that wait for the lock of their range.</summary>
    public int LockWaiters { get; init; }

    /// <summary>How it is offered to NBD clients.</summary>
    public IReadOnlyList<VolumeExport> Exports { get; init; } = [VolumeExport.OwnOf(Name)];

    /// <summary>What is known of a volume that has said nothing yet: its record.</summary>
    internal static VolumeStatus Of(VolumeRecord record) => new(
        record.Name,
        record.Id,
        record.SizeBytes,
        record.Options,
        record.Epoch,
        VolumeCondition.Opening,
        Reason: null,
        UnreconciledBytes: 0,
        [.. record.Children.Select(child => ChildStatus.Of(record.Name, child))])
    {
        Exports = record.Exports,
    };
}
