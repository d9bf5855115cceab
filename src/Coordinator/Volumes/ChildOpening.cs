using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Opens children that are not open (P9): at the start of an epoch, and whenever one went out without being
/// recorded Stale. Says when an opening may go on with those that answered (P10). Runs within the volume's
/// actor.
/// </summary>
internal sealed class ChildOpening(IActorContext volume, ChildTable children, VolumeSettings settings)
{
    private static readonly object TickTimer = new();

    private long _since;

    /// <summary>True once children may be opened: the epoch that the attempts name is the owner's.</summary>
    internal bool IsOwner { get; private set; }

    private TimeProvider Time => volume.System.Options.Time;

    /// <summary>The epoch is being raised: what is open belongs to the old one.</summary>
    internal void Suspend()
    {
        IsOwner = false;
        Stop();
    }

    /// <summary>A new epoch begins: all children are opened anew.</summary>
    internal void Begin(VolumeRecord record)
    {
        IsOwner = true;
        children.ResetLinks();
        _since = Time.GetTimestamp();
        KeepTrying();
        Attempt(record);
    }

    /// <summary>From now on every open-retry there is an OpenTick.</summary>
    internal void KeepTrying()
    {
        if (!volume.Timers.IsActive(TickTimer))
        {
            volume.Timers.StartPeriodic(TickTimer, new OpenTick(), settings.OpenRetry);
        }
    }

    internal void Stop() => volume.Timers.Cancel(TickTimer);

    internal void Attempt(VolumeRecord record) => children.AttemptAll(record, volume.Self, Time);

    /// <summary>
    /// A replica says that it is open. Null when that counts for nothing: the attempt was given up, the
    /// child is not Synced any more, or it may lack acknowledged writes (P5, I4) and is judged like one that
    /// cannot be opened. Otherwise the child is in use, and true means that it lives another life
    /// than before (P12).
    /// </summary>
    internal (ChildSlot Child, bool IsAnotherLife)? TakeOpened(
        ReplicaOpened opened, IActorRef replica, VolumeRecord record)
    {
        if (children.FindAttempt(opened.Tag) is not { IsSynced: true } slot)
        {
            return null;
        }

        if (opened.Incomplete)
        {
            slot.SetAttemptFailed("it lost its sidecar or a part of its raw file");
            return null;
        }

        bool isAnotherLife = slot.Incarnation != 0 && slot.Incarnation != opened.Incarnation;
        slot.SetOpen(replica, new ReplicaTicket(record.Epoch, slot.AttemptSession, opened.Incarnation));
        volume.Watch(replica);
        return (slot, isAnotherLife);
    }

    /// <summary>True when the opening has waited long enough for all children to answer.</summary>
    internal bool HasWaited => Time.GetElapsedTime(_since) >= settings.OpenTimeout;

    /// <summary>Why those that answered are too few to open the volume; null when not (P10).</summary>
    internal string? ShortageOf(VolumeRecord record)
    {
        int open = children.OpenSyncedCount;
        return open < record.FenceQuorum
            ? $"{open} of {record.SyncedCount} children could be opened, {record.FenceQuorum} are needed"
            : null;
    }
}

/// <summary>Time to look at children that are not open.</summary>
internal sealed record OpenTick;
