using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Requests;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Tells others how the volume is doing: the event stream when that changes, and once those who wait for the
/// opening. Runs within the volume's actor.
/// </summary>
internal sealed class VolumeHerald(IActorContext volume, VolumeState state)
{
    /// <summary>The reason of a condition that is healthy, and of no other.</summary>
    internal const string WellReason = "every child is in sync";

    private readonly List<IActorRef> _awaiting = [];
    private VolumeCondition _published = VolumeCondition.Opening;

    /// <summary>When the condition changed last; null when it never did.</summary>
    internal DateTimeOffset? Since { get; private set; }

    private DateTimeOffset Now => volume.System.Options.Time.GetUtcNow();

    /// <summary>Somebody wants to be told once the opening is settled.</summary>
    internal void Await(IActorRef waiter, VolumeStatus status)
    {
        _awaiting.Add(waiter);
        TellAwaiting(status);
    }

    /// <summary>The volume may be doing otherwise than before.</summary>
    internal void Announce(VolumeStatus status)
    {
        if (status.Condition != _published)
        {
            _published = status.Condition;
            Since = Now;
            string reason = status.Reason ?? WellReason;
            volume.System.EventStream.Publish(
                new VolumeConditionChanged(Now, status.Name, status.Condition, reason));
        }

        TellAwaiting(status);
    }

    /// <summary>
    /// The volume can be attached by what the record offers, and by nothing else; by nothing at all while
    /// blkverify has stopped it.
    /// </summary>
    internal void Offer(VolumeRecord record)
    {
        object offer = record.Stopped
            ? new VolumeHeldBack(record.Name, record.Exports, state.Difference)
            : new VolumeExported(record.Name, record.SizeBytes, volume.Self) { Exports = record.Exports };
        volume.System.EventStream.Publish(offer);
    }

    internal void AnnounceState(string volumeName, ChildSlot slot, string reason) =>
        volume.System.EventStream.Publish(new ChildStateChanged(
            Now, volumeName, slot.Record.Name, slot.NodeName, slot.Record.State, reason));

    /// <summary>The record has a child more.</summary>
    internal void AnnounceAdded(string volumeName, ChildSlot slot) =>
        volume.System.EventStream.Publish(new MemberAdded(
            Now, volumeName, slot.Record.Name, slot.NodeName, slot.Record.Node));

    /// <summary>A child is out of the record, and its files are gone or left.</summary>
    internal void AnnounceRemoved(string volumeName, ChildSlot slot, bool isLeft) =>
        volume.System.EventStream.Publish(new MemberRemoved(
            Now, volumeName, slot.Record.Name, slot.NodeName, slot.Record.Node, isLeft));

    /// <summary>The record does not say any more that blkverify has stopped the volume.</summary>
    internal void AnnounceReopened(string volumeName) =>
        volume.System.EventStream.Publish(new VolumeReopened(Now, volumeName));

    /// <summary>The volume ends before its opening is settled: nobody waits for it in vain.</summary>
    internal void Dismiss(string reason)
    {
        foreach (IActorRef waiter in _awaiting)
        {
            waiter.Tell(new AdminRefused(reason), volume.Self);
        }

        _awaiting.Clear();
    }

    private void TellAwaiting(VolumeStatus status)
    {
        if (status.Condition == VolumeCondition.Opening)
        {
            return;
        }

        foreach (IActorRef waiter in _awaiting)
        {
            waiter.Tell(status, volume.Self);
        }

        _awaiting.Clear();
    }
}
