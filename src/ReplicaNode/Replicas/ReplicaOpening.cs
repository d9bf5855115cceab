using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Actors.Threading;
using Replication.Messages;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// Lets owners open a replica (P9): checks who it is, persists the epoch, ends the session before, and
/// answers once that can do no more harm. Runs within the replica's actor.
/// </summary>
internal sealed class ReplicaOpening(
    ReplicaParts parts, IActorRef replica, Action<ReplicaRefusal, int, string> endSession, IIdSource ids)
{
    private PendingOpen? _pending;

    private ReplicaFence Fence => parts.Door.Fence;

    private SessionCount Session => parts.Door.Session;

    /// <summary>An owner opens the replica.</summary>
    internal void Take(OpenReplica open, IActorRef replyTo)
    {
        if (OpenCheck.Problem(open, parts.Sidecar.Header) is ReplicaFailed refused)
        {
            replyTo.Tell(refused, replica);
            return;
        }

        if (!Fence.TryAccept(open.Epoch, open.Session))
        {
            Refuse(new PendingOpen(open.Tag, replyTo), ReplicaRefusal.StaleEpoch);
            return;
        }

        endSession(ReplicaRefusal.StaleEpoch, Errno.Stale, "a later session was accepted");
        Session.BeginNext();
        parts.Standing.Open(open.Role);
        Refuse(ReplicaRefusal.StaleEpoch);
        _pending = new PendingOpen(open.Tag, replyTo);

        // From here on the replica may change: it is no longer what a clean close left.
        if (open.Epoch > parts.Sidecar.Header.FenceEpoch || parts.Sidecar.Header.ClosedCleanly)
        {
            parts.Sidecar.Header = parts.Sidecar.Header with
            {
                FenceEpoch = open.Epoch,
                ClosedCleanly = false,
                ClosedContinuous = false,
            };
        }

        parts.Syncs.JoinHeader(new SyncWait(SyncPurpose.Open, Session.Opening) { Open = _pending });
    }

    /// <summary>The accepted epoch of the latest open is in the sidecar.</summary>
    internal void OnDurable()
    {
        _pending!.IsDurable = true;
        AnswerWhenSettled();
    }

    /// <summary>
    /// Answers the open once its epoch is durable and no request of an earlier session is under way (P9): a
    /// late write of theirs can then no longer land behind the new owner's back.
    /// </summary>
    internal void AnswerWhenSettled()
    {
        if (_pending is not { IsDurable: true } open || Session.EarlierCount > 0)
        {
            return;
        }

        _pending = null;
        Fence.BeginIncarnation(ids.NextUInt64);
        Fence.Open();
        open.ReplyTo.Tell(OpenAnswer.Of(open.Tag, parts), replica);
    }

    /// <summary>Whoever waits for an open is refused.</summary>
    internal void Refuse(ReplicaRefusal refusal)
    {
        if (_pending is PendingOpen open)
        {
            Refuse(open, refusal);
            _pending = null;
        }
    }

    /// <summary>An open was answered with a failure.</summary>
    internal void Forget(PendingOpen open) => _pending = ReferenceEquals(_pending, open) ? null : _pending;

    private void Refuse(PendingOpen open, ReplicaRefusal refusal) =>
        open.ReplyTo.Tell(Refusals.Fenced(open.Tag, refusal, Fence), replica);
}
