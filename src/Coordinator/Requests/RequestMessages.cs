using System.Collections.Immutable;
using Replication.Actors;
using Replication.Coordinator.Events;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>How a child failed a request, the gravest last.</summary>
internal enum FaultKind
{
    /// <summary>It answered that a write, zero or repair failed: it may lack the bytes.</summary>
    WriteFailed,

    /// <summary>It timed out or its connection was lost (P13).</summary>
    Out,

    /// <summary>Its incarnation is over: a failed sync, or it restarted (P12).</summary>
    IncarnationLost,

    /// <summary>It has accepted a higher epoch or session than the request's (P11).</summary>
    Refused,
}

/// <summary>
/// One child's failure in one request; the session tells a failure of the past from one of now.
/// </summary>
internal sealed record ChildFault(int ChildIndex, uint Session, FaultKind Kind, int Errno, string Reason)
{
    /// <summary>A child that fails what is no client's request is out, whatever failed on it.</summary>
    internal ChildFault OrOut() => Kind == FaultKind.WriteFailed ? this with { Kind = FaultKind.Out } : this;
}

/// <summary>
/// A coordinator asks the volume to judge children that failed one request, together (P13). Answered by
/// <see cref="ChildrenJudged"/>.
/// </summary>
internal sealed record JudgeChildren(long RequestId, IReadOnlyList<ChildFault> Faults);

/// <summary>A child has accepted another owner: the volume stops at once (P11).</summary>
internal sealed record ChildRefused(ChildFault Fault);

/// <summary>True: they are recorded Stale, and the request may be acknowledged without them (P15).</summary>
internal sealed record ChildrenJudged(bool Recorded);

/// <summary>
/// A write has covered whole bad blocks on every Synced child: they are to be taken off the list before its
/// client is told (P22). Answered by <see cref="BadBlocksCleared"/>, with the new list in the gate's view.
/// </summary>
/// <param name="RequestId">The volume's number for the write.</param>
/// <param name="Blocks">Numbers of 4 KiB blocks, rising.</param>
internal sealed record ClearBadBlocks(long RequestId, ImmutableArray<long> Blocks);

/// <summary>False: they stay on the list, and the write fails.</summary>
internal sealed record BadBlocksCleared(bool Recorded);

/// <summary>
/// The two children of a blkverify volume differ: it is to be stopped. Answered by
/// <see cref="DifferenceRecorded"/>.
/// </summary>
internal sealed record ChildrenDiffer(BlkverifyMismatch Mismatch);

/// <summary>
/// The record says that the volume is stopped, or the volume has failed: nothing more is served.
/// </summary>
internal sealed record DifferenceRecorded;

/// <summary>A repair needs a stamp: answered by <see cref="RepairStamp"/>.</summary>
internal sealed record TakeRepairStamp(long RequestId);

/// <summary>The stamp of a request's repair writes, and the low-water mark of now.</summary>
internal sealed record RepairStamp(ulong Stamp, ulong LowWater);

/// <summary>A child went out while the request was under way: whatever it was asked has failed.</summary>
internal sealed record ChildLost(int ChildIndex, uint Session, int Errno, string Reason);

/// <summary>Time has passed: a coordinator whose children were asked too long ago gives them up.</summary>
/// <param name="Now">A timestamp of the system's time provider.</param>
internal sealed record CheckDeadline(long Now);

/// <summary>What a request noticed of one child, for the counters of status.</summary>
internal sealed record ChildNote(
    int ChildIndex, int VotesLost = 0, int Repairs = 0, int Errors = 0, int RepairErrors = 0)
{
    /// <summary>Of an error; 0 where there is none.</summary>
    internal int Errno { get; init; }
}

/// <summary>The request is over and nothing of it is under way any more: its lock can go.</summary>
/// <param name="RequestId">The volume's number for it.</param>
/// <param name="Applied">False: a write that may stand on some children only, so its range is to be
/// reconciled (P17).</param>
/// <param name="Faults">Children that went out, for requests that did not wait for the judgement.</param>
/// <param name="Notes">For the counters; empty nearly always.</param>
internal sealed record RequestEnded(
    long RequestId, bool Applied, IReadOnlyList<ChildFault> Faults, IReadOnlyList<ChildNote> Notes)
{
    /// <summary>Children that failed and were judged while the request waited (P13); for reports.</summary>
    internal IReadOnlyList<ChildFault> Judged { get; init; } = [];

    /// <summary>True for a read that failed for want of a winner.</summary>
    internal bool FoundNoWinner { get; init; }

    /// <summary>When the asker was answered: a timestamp of the system's time provider.</summary>
    internal long AnsweredAt { get; init; }

    /// <summary>What the asker was told; null where the request did not fail.</summary>
    internal RangeFailed? Failure { get; init; }
}

/// <summary>What every coordinator is made from.</summary>
/// <param name="RequestId">The volume's number for it.</param>
/// <param name="View">The volume as it is.</param>
/// <param name="Volume">Who hears of the end.</param>
/// <param name="Client">Who gets the answer.</param>
/// <param name="SizeBytes">The volume's size.</param>
internal sealed record RequestFrame(
    long RequestId, VolumeView View, IActorRef Volume, IActorRef Client, long SizeBytes);

/// <summary>A write's stamp and the low-water mark when it was taken.</summary>
internal readonly record struct WriteStamp(ulong Stamp, ulong LowWater);

/// <summary>What children are asked in one step of a request.</summary>
internal enum RequestStep
{
    /// <summary>What every child is asked first.</summary>
    Collect = 0,

    /// <summary>The winner's bytes, where the data child did not give them.</summary>
    Fetch = 1,

    /// <summary>Digests of blocks, for the second vote.</summary>
    Blocks = 2,

    /// <summary>The bytes of won blocks.</summary>
    BlockFetch = 3,

    /// <summary>The rewrite of a loser.</summary>
    Repair = 4,

    /// <summary>What makes a child agree in a copy or a reconcile.</summary>
    Apply = 5,

    /// <summary>Whether a child still works for this owner, where no data is asked of it (P14).</summary>
    Confirm = 6,
}

/// <summary>Tags of requests to replicas: the step, a number within it, and the child's position.</summary>
internal static class RequestTag
{
    private const int PositionBits = 8;
    private const int StepBits = 4;

    internal static int Of(RequestStep step, int position, int number = 0) =>
        (number << (PositionBits + StepBits)) | ((int)step << PositionBits) | position;

    internal static RequestStep StepOf(ReplicaReply reply) =>
        (RequestStep)((reply.Tag >> PositionBits) & ((1 << StepBits) - 1));

    internal static int PositionOf(ReplicaReply reply) => reply.Tag & ((1 << PositionBits) - 1);

    internal static int NumberOf(ReplicaReply reply) => reply.Tag >> (PositionBits + StepBits);
}
