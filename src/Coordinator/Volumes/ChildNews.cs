using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Actors.Watch;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Volumes.Takeovers;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Children that come and go: one has opened, one is lost, or it is time to ask those again that are away.
/// Runs within the volume's actor.
/// </summary>
internal sealed class ChildNews(VolumeParts parts, Takeover takeover)
{
    /// <summary>Children that are not open are asked again.</summary>
    internal void OnOpenTick()
    {
        if (parts.State.IsOver || parts.Keeper.IsChanging)
        {
            return;
        }

        parts.Opening.Attempt(parts.Record);
        takeover.OnTick();
        if (parts.Children.AllOpen)
        {
            parts.Opening.Stop();
        }
        else if (parts.State.IsServing && !parts.Children.AllSyncedOpen)
        {
            // Since the last tick enough may have come back for the others to be recorded.
            parts.Judge(parts.Children.NotOpenFaults("is still out"));
        }
    }

    /// <summary>A replica says that it is open.</summary>
    internal void OnOpened(ReplicaOpened opened, IActorRef replica)
    {
        takeover.OnOpened();
        if (parts.State.IsOver
            || parts.Opening.TakeOpened(opened, replica, parts.Record) is not { IsSynced: true } slot)
        {
            WantWithoutLacking();
            return;
        }

        if (parts.State.IsServing && !slot.IsTrusted)
        {
            parts.Judge(
                [slot.Fault(FaultKind.IncarnationLost, Errno.InputOutput, "the replica restarted")]);
        }
        else if (parts.State.IsRecovering)
        {
            takeover.OnSyncedOpened(slot);
        }
    }

    /// <summary>A replica's actor has ended, or its node is lost.</summary>
    internal void OnTerminated(Terminated terminated)
    {
        ChildSlot? slot = parts.Children.FindOpen(terminated.Actor);
        if (slot is null)
        {
            return;
        }

        string reason = terminated.ConnectionLost ? "the connection was lost" : "the replica stopped";
        if (parts.Closing.IsUnderWay)
        {
            parts.Closing.OnLost(slot, reason);
        }
        else
        {
            parts.Judge([slot.Fault(FaultKind.Out, Errno.ConnectionReset, reason)]);
        }
    }

    /// <summary>
    /// A Synced child lost its data, and too few others are left to go on without it: it is built anew from
    /// those that a takeover finds to know everything (P5, P12 b).
    /// </summary>
    private void WantWithoutLacking()
    {
        if (parts.State.IsServing && parts.Children.IsAnySyncedLacking
            && parts.Children.OpenSyncedCount < parts.Record.Options.Threshold)
        {
            takeover.Want();
        }
    }
}
