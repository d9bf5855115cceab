using Replication.Coordinator.Checkpoints;
using Replication.Coordinator.Reconcile;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Resync;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// What the changes of a volume leave behind: stamps (P6), what is to be reconciled (P17), hot zones (P7),
/// and what follows from them for the low-water mark and the checkpoint (P16). Runs within the volume's
/// actor.
/// </summary>
internal sealed class ChangeLedger(long sizeBytes, VolumeSettings settings)
{
    private StampClock _stamps = new(1);

    internal Reconciler Reconciler { get; } = new(sizeBytes);

    internal HotZones Zones { get; } = new(settings.HotZonesMax);

    /// <summary>True when the epoch's stamps are used up.</summary>
    internal bool IsExhausted => _stamps.IsExhausted;

    /// <summary>
    /// Everything stamped up to it is on every Synced child (P16); 0 while what a takeover left is to be
    /// reconciled.
    /// </summary>
    internal ulong Checkpoint => Math.Min(_stamps.Checkpoint, CheckpointMax);

    /// <summary>
    /// While the volume recovers (P12 b) a child recorded Synced may not have opened yet, so what the sources
    /// agree on is not on every Synced child: nothing may be forgotten that it would have to be told.
    /// </summary>
    internal bool IsRecovering { get; set; }

    private ulong CheckpointMax => IsRecovering ? 0 : Reconciler.CheckpointMax;

    /// <summary>
    /// It stays below a write that failed until its range agrees again: replicas keep the range in mind, for
    /// whoever takes the volume over (P17). 0, which has them drop nothing, after a takeover.
    /// </summary>
    private ulong LowWater => CheckpointMax == 0 ? 0 : Checkpoint + 1;

    /// <summary>Stamps count anew; nothing is under way.</summary>
    internal void BeginEpoch(uint epoch, RangeSet toReconcile, long hotZones)
    {
        _stamps = new StampClock(epoch, settings.EpochStampsMax);
        Reconciler.TakeOver(toReconcile);
        Zones.TakeOver(hotZones);
    }

    /// <summary>A change begins: its stamp and the low-water mark before it; its zones are hot.</summary>
    internal WriteStamp Begin(LiveRequest live)
    {
        ulong lowWater = LowWater;
        live.Stamp = _stamps.Take();
        Zones.MarkWritten(live.Range, live.Stamp);
        return new WriteStamp(live.Stamp, lowWater);
    }

    /// <summary>A copy begins. Its stamp is that of what it copies, none of this clock's (P20).</summary>
    internal WriteStamp BeginCopy(CopyRegion copy)
    {
        Zones.MarkCopied((copy.OffsetBytes, copy.LengthBytes));
        return new WriteStamp(Math.Min(copy.Stamp, _stamps.Last), LowWater);
    }

    /// <summary>A read is about to rewrite losers (P19).</summary>
    internal RepairStamp BeginRepair(LiveRequest live)
    {
        ulong lowWater = LowWater;
        live.RepairStamp = _stamps.Take();
        Zones.MarkWritten(live.Range, live.RepairStamp);
        return new RepairStamp(live.RepairStamp, lowWater);
    }

    /// <summary>A flush begins.</summary>
    internal ulong BeginFlush(LiveRequest live)
    {
        live.Checkpoint = Checkpoint;
        if (live.Request is CheckpointVolume)
        {
            Zones.BeginCheckpoint(live.Checkpoint);
        }

        return live.Checkpoint;
    }

    /// <summary>A request that was started is over.</summary>
    /// <param name="live">The request.</param>
    /// <param name="applied">Whether every Synced child carried it out.</param>
    internal void Settle(LiveRequest live, bool applied)
    {
        if (live.Stamp != 0)
        {
            _stamps.Complete(live.Stamp);
        }

        if (live.RepairStamp != 0)
        {
            _stamps.Complete(live.RepairStamp);
        }

        switch (live.Request)
        {
            case ReconcileRange reconcile:
                Reconciler.OnEnded(reconcile, live.Blocks, live.Stamp, applied);
                break;
            case CopyRegion copy:
                Zones.MarkCopied((copy.OffsetBytes, copy.LengthBytes));
                break;
            case var _ when live.ChangesData && applied:
                Reconciler.Remove(live.Range);
                break;
            case var _ when live.ChangesData:
                Reconciler.AddFailed(live.Range, live.Stamp);
                break;
            case var _ when live.Operation == Events.QuorumOperation.Flush:
                SettleFlush(live, applied);
                break;
            default:
                break;
        }
    }

    private void SettleFlush(LiveRequest live, bool succeeded)
    {
        if (live.Request is CheckpointVolume)
        {
            Zones.EndCheckpoint(succeeded);
        }

        if (succeeded)
        {
            Zones.Cover(live.Checkpoint);
        }
    }
}
