using Replication.Actors.Timing;
using Replication.Coordinator.Checkpoints;
using Replication.Coordinator.Reconcile;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// What the owner asks of its children by itself, apart from copies: reconciles, a few at a time (P17), and
/// checkpoints (P16). Says when each is wanted; admitting and starting them is the desk's. Runs within the
/// volume's actor.
/// </summary>
internal sealed class OwnRequests(ITimers timers, VolumeSettings settings, ChangeLedger ledger)
{
    /// <summary>Between a reconcile that failed and the next attempts.</summary>
    internal static readonly TimeSpan ReconcileRetry = TimeSpan.FromSeconds(1);

    private static readonly object ReconcileTimer = new();

    private readonly CheckpointPacer _checkpoints = new(timers, settings, ledger);
    private bool _isPaused;

    /// <summary>Something was changed, or may be: a checkpoint is due a while later (P7).</summary>
    internal void OnMarked() => _checkpoints.OnMarked();

    /// <summary>The next that is wanted now, or null; it is under way from here on.</summary>
    internal RangeRequest? TakeNext(WaitingRequests waiting)
    {
        if (_checkpoints.IsWanted(waiting.IsCrowded))
        {
            _checkpoints.OnSent();
            return new CheckpointVolume();
        }

        return !_isPaused && ledger.Reconciler.HasNext
            ? ledger.Reconciler.TakeNext(waiting.WantedRanges)
            : null;
    }

    /// <summary>A request has ended; after a reconcile that failed the next ones wait a while.</summary>
    internal void OnEnded(RangeRequest request, bool applied)
    {
        if (request is CheckpointVolume)
        {
            _checkpoints.OnEnded();
        }
        else if (request is ReconcileRange && !applied)
        {
            _isPaused = true;
            timers.StartSingle(ReconcileTimer, new ReconcileTick(), ReconcileRetry);
        }
    }

    /// <summary>A request will not be started: what it was to do is to be done by another one.</summary>
    internal void GiveBack(RangeRequest request)
    {
        if (request is CheckpointVolume)
        {
            _checkpoints.OnEnded();
        }
        else if (request is ReconcileRange reconcile)
        {
            ledger.Reconciler.GiveBack(reconcile);
        }
    }

    internal void OnCheckpointTick() => _checkpoints.OnTick();

    internal void OnReconcileTick() => _isPaused = false;
}
