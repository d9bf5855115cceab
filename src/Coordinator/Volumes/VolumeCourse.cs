using Replication.Cluster.Records;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Volumes.Takeovers;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// What a volume does next, by all that is known of it: records what waits to be recorded, lets requests run
/// on the children that there are, and begins what needs them to have ended. It works that out as a whole
/// after each message that may matter, so no handler needs to know what its news are good for. Runs within
/// the volume's actor.
/// </summary>
internal sealed class VolumeCourse(
    VolumeParts parts,
    Takeover takeover,
    Promotion promotion,
    BadBlockKeeper badBlocks,
    Membership membership,
    AdminCommands commands)
{
    private readonly Patience _patience = new(parts.Context, parts.Settings.ChildTimeout);
    private bool _hasChanged;

    /// <summary>Serving, or copying so that it can again.</summary>
    private bool IsSettledIn => parts.State.IsServing || parts.State.IsRecovering;

    /// <summary>Something is to be taken account of by the next <see cref="Proceed"/>.</summary>
    internal void MarkChanged() => _hasChanged = true;

    /// <summary>Works out what follows from what has happened, until nothing does.</summary>
    internal void Proceed()
    {
        _hasChanged = true;
        while (_hasChanged)
        {
            _hasChanged = false;
            bool mayRecord = !parts.State.IsFailed && !parts.State.IsOpening;
            if (parts.Judges.Process(mayRecord, parts.Changes, parts.Context.Self) && IsSettledIn)
            {
                takeover.Want();
            }

            badBlocks.Proceed();
            takeover.Decide();
            commands.Proceed();
            if (IsSettledIn)
            {
                KeepUp();
            }

            Refresh();
        }
    }

    /// <summary>Children that came back get the record first (P4); others are sought.</summary>
    private void KeepUp()
    {
        if (!parts.Keeper.IsChanging && !parts.Children.HaveCopies(parts.Record.Serial))
        {
            parts.Changes.BeginCopy(new RecordPurpose("", static _ => { }));
        }

        if (!parts.Children.AllOpen)
        {
            parts.Opening.KeepTrying();
        }
    }

    /// <summary>Has requests run on what is known now, and tells who waits for it. Idempotent.</summary>
    private void Refresh()
    {
        if (parts.State.IsServing && !parts.Keeper.IsChanging)
        {
            parts.State.Serve(parts.Children, parts.Record);
        }
        else if (parts.State.IsRecovering && !parts.Keeper.IsChanging)
        {
            parts.State.Recover(parts.Children, parts.Record, takeover.AreSourcesOpen);
        }

        if (!parts.State.IsClosing)
        {
            parts.Herald.Announce(parts.Status);
        }

        parts.Blkverify.TellReopened();
        promotion.Review();
        _patience.Follow(parts.State.IsServing && parts.State.View is null && !parts.Record.Stopped);
        bool isHeld = parts.Keeper.IsChanging || takeover.IsWanted || _patience.HoldsRequests
            || parts.Blkverify.HoldsRequests || promotion.HoldsRequests || membership.HoldsRequests;
        parts.Desk.SetGate(parts.State.GateWhile(isHeld));
        if (parts.State.View is { } view && !parts.Keeper.IsChanging && !takeover.IsWanted)
        {
            parts.Resyncs.Follow(view, parts.Record.SizeBytes, parts.Desk);
            Settle();
            promotion.Proceed();
        }

        ProceedWhenIdle();
    }

    /// <summary>
    /// A takeover is settled once nothing of it is to be reconciled: from then on its children may be relied
    /// on to know everything (P9), and a child that was out meanwhile when it is back.
    /// </summary>
    private void Settle()
    {
        if (!parts.Desk.IsReconciled)
        {
            return;
        }

        foreach (ChildSlot slot in parts.Children.SyncedOpen)
        {
            if (slot.IsSettled || !slot.IsTrusted)
            {
                continue;
            }

            slot.IsSettled = true;
            parts.Calls.Ask(slot, static (tag, ticket) => new SettleReplica(tag, ticket, Clean: 0), fault =>
            {
                if (fault is not null)
                {
                    parts.Judge([fault.OrOut()]);
                }
            });
        }
    }

    /// <summary>A request has ended well: the last one may be what something waits for.</summary>
    internal void OnEnded()
    {
        if (parts.Desk.IsIdle)
        {
            ProceedWhenIdle();
            if (_hasChanged)
            {
                Proceed();
            }
        }
    }

    private void ProceedWhenIdle()
    {
        if (!parts.Desk.IsIdle || parts.Keeper.IsChanging)
        {
            return;
        }

        _hasChanged |= parts.Blkverify.OnIdle();
        if (parts.State.IsClosing && !parts.Closing.IsUnderWay)
        {
            parts.Closing.CloseChildren(
                parts.Settings.ChildTimeout, takeover.MayForget ? parts.Desk.Checkpoint : 0);
        }
        else if (IsSettledIn && (parts.Desk.WantsNewEpoch || takeover.IsWanted))
        {
            // The epoch's stamps are used up (P6), or children lost their memory (P12): nothing is under way.
            promotion.Abandon();
            takeover.Begin();
            _hasChanged = true;
        }
        else if (membership.HoldsRequests)
        {
            membership.OnDrained();
            _hasChanged = true;
        }
        else if (promotion.HoldsRequests)
        {
            promotion.OnDrained();
            _hasChanged |= !promotion.HoldsRequests;
        }
    }
}
