using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// A close by the owner: no further request is taken, those before it end, everything is made durable, and
/// then the flag that says so. The flag counts as continuous (P9) only for a replica that is that, and of
/// which the owner knows that nothing is under way: what it left under way the next one has to reconcile, and
/// the list of it ends with the process.
/// </summary>
internal sealed class ReplicaClosing(ReplicaParts parts)
{
    private SyncWait? _wait;

    /// <summary>The owner closes its session; the wait is for that, and for nothing yet.</summary>
    internal void Start(CloseReplica close, SyncWait wait)
    {
        parts.UnderWay.PassCheckpoint(close.Checkpoint);
        _wait = wait;
        parts.Door.IsClosing = true;
        parts.Gate.IsClosing = true;
        parts.Upkeep.Sweep();
        GoOnWhenIdle();
    }

    /// <summary>A request has ended: it may have been the last.</summary>
    internal void GoOnWhenIdle()
    {
        if (_wait is { IsStarted: false } wait && parts.Door.IsIdleButOne)
        {
            wait.IsStarted = true;
            parts.Syncs.JoinBoth(wait);
        }
    }

    /// <summary>All is durable; with the flag that says so goes what clean and the marks are now.</summary>
    internal void OnFlushed(SyncWait wait)
    {
        parts.Upkeep.OnFlushed(wait.Checkpoint);
        parts.Upkeep.Sweep();
        parts.Sidecar.Header = parts.Sidecar.Header with
        {
            ClosedCleanly = true,
            ClosedContinuous = parts.Standing.IsContinuous && parts.UnderWay.IsEmpty(),
        };
        parts.Syncs.JoinHeader(new SyncWait(SyncPurpose.CloseMark, wait.Opening)
        {
            Asked = wait.Asked,
            DiskStartedAt = wait.DiskStartedAt,
        });
    }

    /// <summary>The flag is durable: the session is over.</summary>
    internal void OnMarked()
    {
        End();
        parts.Door.Fence.Close();
    }

    /// <summary>
    /// The session ends otherwise. Returns the close if it waits for requests still; one that waits for a
    /// sync is answered with that.
    /// </summary>
    internal SyncWait? Abandon()
    {
        SyncWait? wait = _wait;
        End();
        return wait is { IsStarted: false } ? wait : null;
    }

    private void End()
    {
        _wait = null;
        parts.Door.IsClosing = false;
        parts.Gate.IsClosing = false;
    }
}
