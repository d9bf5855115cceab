using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Opens children that are not open (P9): all that a takeover needs at the start of an epoch, and later those
/// that went out or are to be copied to. Says when a takeover need not wait for more of them (P10). Runs
/// within the volume's actor.
/// </summary>
internal sealed class ChildOpening(
    IActorContext volume, ChildTable children, VolumeState state, VolumeSettings settings)
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

    internal void Attempt(VolumeRecord record) =>
        children.AttemptAll(record, RoleOf, volume.Self, Time);

    /// <summary>
    /// A replica says that it is open. Null when it is not in use by it: the attempt was given up, or the
    /// child may lack acknowledged writes (P5, I4) and is treated like one that cannot be opened.
    /// </summary>
    internal ChildSlot? TakeOpened(ReplicaOpened opened, IActorRef replica, VolumeRecord record)
    {
        if (children.FindAttempt(opened.Tag) is not { } slot)
        {
            return null;
        }

        if (opened.Incomplete && slot.AttemptRole == ReplicaRole.Holder)
        {
            slot.SetLacking();
            return null;
        }

        ReplicaTicket ticket = new(record.Epoch, slot.AttemptSession, opened.Incarnation);
        slot.SetOpen(replica, ticket, opened);
        volume.Watch(replica);
        return slot;
    }

    /// <summary>
    /// A node has answered an attempt otherwise. Returns why the volume has to stop, or null: a replica that
    /// knows a later owner, or a later record, knows better (P4, P11).
    /// </summary>
    internal string? OnNotOpened(ChildSlot slot, ReplicaReply reply, VolumeRecord record)
    {
        if (reply is not ReplicaFailed failed)
        {
            slot.SetAttemptFailed("it was made anew, empty");
            return null;
        }

        slot.SetAttemptFailed(failed.Reason);
        if (failed.Refusal is ReplicaRefusal.StaleEpoch or ReplicaRefusal.StaleSerial)
        {
            return $"{slot.NodeName} refuses this owner: {failed.Reason}";
        }

        if (failed.Refusal == ReplicaRefusal.UnknownVolume && slot.Record.State == ChildState.Stale)
        {
            children.Rebuild(slot, record, volume.Self);
        }

        return null;
    }

    /// <summary>True when the opening has waited long enough for all children to answer.</summary>
    internal bool HasWaited => Time.GetElapsedTime(_since) >= settings.OpenTimeout;

    /// <summary>
    /// A takeover needs all that may have every flushed write; the others are opened to be copied to, once
    /// there is something to copy from.
    /// </summary>
    private ReplicaRole? RoleOf(ChildState recorded) => recorded switch
    {
        ChildState.Synced => ReplicaRole.Holder,
        ChildState.Lapsed when state.IsOpening => ReplicaRole.Holder,
        ChildState.Lapsed => ReplicaRole.Lapsed,
        ChildState.Stale when !state.IsOpening => ReplicaRole.Target,
        _ => null,
    };
}

/// <summary>Time to look at children that are not open.</summary>
internal sealed record OpenTick;
