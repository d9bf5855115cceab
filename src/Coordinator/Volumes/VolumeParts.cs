using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// What the parts of one volume's actor share, and how they reach each other. All of it runs within the
/// actor; every part is made before the first message.
/// </summary>
internal sealed class VolumeParts
{
    internal required IActorContext Context { get; init; }

    internal required VolumeSeams Seams { get; init; }

    internal required TagSource Tags { get; init; }

    internal required ChildTable Children { get; init; }

    internal required RecordKeeper Keeper { get; init; }

    internal required VolumeState State { get; init; }

    internal required RequestDesk Desk { get; init; }

    internal required VolumeHerald Herald { get; init; }

    internal required ReplicaCalls Calls { get; init; }

    internal required ResyncKeeper Resyncs { get; init; }

    internal required ChildJudge Judges { get; init; }

    internal required ChildOpening Opening { get; init; }

    internal required VolumeClosing Closing { get; init; }

    /// <summary>Takes children that failed out of use and has them judged (P13).</summary>
    internal required Action<IReadOnlyList<ChildFault>> Judge { get; init; }

    /// <summary>Takes children that failed out of use; who asks decides what is recorded of them.</summary>
    internal required Action<IReadOnlyList<ChildFault>> TakeOut { get; init; }

    /// <summary>The volume stops until the gateway is restarted, for this reason.</summary>
    internal required Action<string> Stop { get; init; }

    internal RecordChanges Changes { get; set; } = null!;

    internal BlkverifyStop Blkverify { get; set; } = null!;

    internal VolumeRecord Record => Keeper.Record;

    internal VolumeStatus Status => State.StatusOf(Record, Children, Desk.UnreconciledBytes) with
    {
        Since = Herald.Since,
        BadBytes = (long)Record.BadBlocks.Length * RequestLimits.BlockLengthBytes,
        ReadsWithoutWinner = State.ReadsWithoutWinner,
        RequestsRunning = Desk.RunningCount,
        RequestsWaiting = Desk.UnderWayCount - Desk.RunningCount,
        LockWaiters = Desk.LockWaitersCount,
    };

    internal VolumeSettings Settings => Seams.Settings;

    internal TimeProvider Time => Context.System.Options.Time;

    internal DateTimeOffset Now => Time.GetUtcNow();
}
