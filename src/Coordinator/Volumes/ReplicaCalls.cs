using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// What the volume itself asks its open replicas: copies of the record, settling, flushes of a promotion.
/// Each call ends once, well or with a fault: also when the child goes out, or does not answer in
/// child-timeout. Runs within the volume's actor.
/// </summary>
internal sealed class ReplicaCalls(IActorContext volume, VolumeSettings settings, TagSource tags)
{
    private static readonly object DeadlineTimer = new();

    // By tag, which is the order of asking; a few for each child at most.
    private readonly SortedDictionary<int, Call> _calls = [];

    private TimeProvider Time => volume.System.Options.Time;

    /// <summary>Asks an open child; <paramref name="done"/> is called with null or what went wrong.</summary>
    internal void Ask(
        ChildSlot slot, Func<int, ReplicaTicket, ReplicaRequest> request, Action<ChildFault?> done)
    {
        int tag = tags.Next();
        _calls.Add(tag, new Call(slot, slot.Session, Time.GetTimestamp(), done));
        slot.View.Replica.Tell(request(tag, slot.View.Ticket), volume.Self);
        if (!volume.Timers.IsActive(DeadlineTimer))
        {
            volume.Timers.StartPeriodic(DeadlineTimer, new CallTick(), settings.DeadlineCheckInterval);
        }
    }

    /// <summary>A replica has answered; false when no call waits for it.</summary>
    internal bool OnReply(ReplicaReply reply)
    {
        if (!_calls.Remove(reply.Tag, out Call? call))
        {
            return false;
        }

        call.Done(reply is ReplicaFailed failed
            ? call.Fault(KindOf(failed), failed.Errno, failed.Reason)
            : null);
        return true;
    }

    /// <summary>A sidecar with a later record is as good as another owner (P4).</summary>
    private static FaultKind KindOf(ReplicaFailed failed) => failed.Refusal == ReplicaRefusal.StaleSerial
        ? FaultKind.Refused
        : RequestCoordinator.FaultOf(failed) ?? FaultKind.WriteFailed;

    /// <summary>A child is out: what it owes under that session has failed.</summary>
    internal void OnLost(ChildLost lost)
    {
        foreach ((int tag, Call call) in _calls.ToArray())
        {
            if (call.Slot.Record.Index == lost.ChildIndex && call.Session == lost.Session
                && _calls.Remove(tag))
            {
                call.Done(call.Fault(FaultKind.Out, lost.Errno, lost.Reason));
            }
        }
    }

    /// <summary>Time has passed.</summary>
    internal void CheckDeadlines()
    {
        if (_calls.Count == 0)
        {
            volume.Timers.Cancel(DeadlineTimer);
            return;
        }

        foreach ((int tag, Call call) in _calls.ToArray())
        {
            if (Time.GetElapsedTime(call.Since) >= settings.ChildTimeout && _calls.Remove(tag))
            {
                call.Done(call.Fault(FaultKind.Out, Errno.TimedOut, settings.LateReason));
            }
        }
    }

    /// <summary>A new epoch begins: what was asked under the old one counts for nothing.</summary>
    internal void Forget() => _calls.Clear();

    private sealed record Call(ChildSlot Slot, uint Session, long Since, Action<ChildFault?> Done)
    {
        internal ChildFault Fault(FaultKind kind, int errno, string reason) =>
            new(Slot.Record.Index, Session, kind, errno, reason);
    }
}

/// <summary>Time to look at the deadlines of the volume's own calls.</summary>
internal sealed record CallTick;
