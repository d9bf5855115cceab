using Replication.Messages;

namespace Replication.Coordinator.Observing;

/// <summary>
/// One finished request. Times are timestamps of the system's <see cref="TimeProvider"/>, to be told apart by
/// its GetElapsedTime; they rise in the order in which they stand here.
/// </summary>
public readonly record struct RequestReport
{
    /// <summary>Its name on all nodes, within the volume.</summary>
    public required RequestId Id { get; init; }

    /// <summary>The volume's name.</summary>
    public required string VolumeName { get; init; }

    /// <summary>The volume's id, which no volume of the same name before or after it has.</summary>
    public required Guid VolumeId { get; init; }

    /// <summary>What it was.</summary>
    public required RequestKind Kind { get; init; }

    /// <summary>First byte; 0 for what has no range.</summary>
    public required long OffsetBytes { get; init; }

    /// <summary>Bytes; 0 for what has no range.</summary>
    public required long LengthBytes { get; init; }

    /// <summary>The volume got it.</summary>
    public required long ArrivedAt { get; init; }

    /// <summary>
    /// Its lock and everything else it waited for was there, and children were asked; for one that was
    /// refused, when it was.
    /// </summary>
    public required long StartedAt { get; init; }

    /// <summary>Its asker was answered.</summary>
    public required long AnsweredAt { get; init; }

    /// <summary>
    /// Every child had answered or was out, repairs were done, and its lock went. A slow child shows here,
    /// and not in <see cref="AnsweredAt"/>, where the vote did not need it.
    /// </summary>
    public required long EndedAt { get; init; }

    /// <summary>0, or the errno of Linux that the asker was told.</summary>
    public required int Errno { get; init; }

    /// <summary>Why it failed; null when it did not.</summary>
    public required string? Reason { get; init; }

    /// <summary>Children with which something was wrong, one entry each; empty nearly always.</summary>
    public required IReadOnlyList<ChildReport> Children { get; init; }

    /// <summary>True for what a client asked, and not the owner itself.</summary>
    public bool IsOfClient => Kind < RequestKind.Reconcile;
}
