using System.Collections.Immutable;
using Replication.Actors;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Resync;

/// <summary>What one resync is to do, fixed for its life: another session is another job.</summary>
internal sealed record ResyncAssignment
{
    /// <summary>N of the target's <c>children.N</c>.</summary>
    public required int ChildIndex { get; init; }

    /// <summary>The child that is copied to, under the session that this job lives for.</summary>
    public required ChildView Target { get; init; }

    /// <summary>The children that the volume's view votes with; they name the later regions.</summary>
    public required ImmutableArray<ChildView> Sources { get; init; }

    /// <summary>The target's own clean: regions later than it are to do (P20).</summary>
    public required ulong Clean { get; init; }

    /// <summary>True for clean 0: everything is to do, whatever its stamps.</summary>
    public required bool Everything { get; init; }

    /// <summary>The volume's size.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Times and limits.</summary>
    public required VolumeSettings Settings { get; init; }

    /// <summary>Who runs the copies and hears how far it is.</summary>
    public required IActorRef Volume { get; init; }
}

/// <summary>How far a resync is; at most one a second.</summary>
internal sealed record ResyncMoved(int ChildIndex, uint Session, ResyncProgress Progress);

/// <summary>
/// Everything that was to be copied is. It counts only after a flush of the target (P20, P21).
/// </summary>
internal sealed record ResyncDone(int ChildIndex, uint Session, ResyncProgress Progress);

/// <summary>The resync cannot go on under this session; the job has ended.</summary>
internal sealed record ResyncFailed(int ChildIndex, uint Session, string Reason);

/// <summary>
/// Asks the volume to make one region of a target agree: answered by <see cref="RegionCopied"/>,
/// <see cref="RegionNotCopied"/>, or RangeFailed where it may be asked again later.
/// </summary>
/// <param name="Region">Region r begins at r × 64 KiB.</param>
/// <param name="LengthBytes">64 KiB, or less at the volume's end.</param>
/// <param name="Stamp">The region's largest stamp on any source; 0 raises none, and
/// <see cref="ulong.MaxValue"/> stands for the owner's latest.</param>
/// <param name="ChildIndex">N of the target's <c>children.N</c>.</param>
/// <param name="Session">The target's; under another one nothing is copied.</param>
internal sealed record CopyRegion(long Region, int LengthBytes, ulong Stamp, int ChildIndex, uint Session)
    : RangeRequest
{
    internal long OffsetBytes => Region * RequestLimits.RegionLengthBytes;
}

/// <summary>The region of the target agrees with the vote.</summary>
/// <param name="CopiedBytes">What had to be written; 0 when everything agreed.</param>
/// <param name="HasCompany">True when clients' requests ran shortly before or meanwhile.</param>
internal sealed record RegionCopied(long CopiedBytes, bool HasCompany) : RangeReply;

/// <summary>The target is out: its resync is over.</summary>
internal sealed record RegionNotCopied(string Reason) : RangeReply;

/// <summary>
/// 4 KiB blocks without a winner, with every child having answered (P22). Told before the copy ends, so that
/// no write to them starts, and the target is not promoted, before they are recorded.
/// </summary>
/// <param name="Blocks">Their numbers, rising.</param>
internal sealed record BlocksWithoutWinner(ImmutableArray<long> Blocks);
