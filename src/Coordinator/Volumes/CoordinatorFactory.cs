using Replication.Actors;
using Replication.Coordinator.Checkpoints;
using Replication.Coordinator.Reconcile;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Resync;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Makes the coordinator of a request that starts now, with the stamp, checkpoint or blocks that it gets by
/// that. Runs within the volume's actor.
/// </summary>
internal sealed class CoordinatorFactory(ChangeLedger ledger)
{
    /// <summary>Null for a reconcile of what clients have written anew meanwhile.</summary>
    /// <param name="live">The request.</param>
    /// <param name="frame">What its coordinator is made from.</param>
    /// <param name="hasCompany">Whether clients are busy, for a copy.</param>
    internal Props? PropsFor(LiveRequest live, RequestFrame frame, bool hasCompany)
    {
        switch (live.Request)
        {
            case ReadRange read when frame.View.Options.ComparesReads:
                return Props.Create(() => new BlkverifyRead(frame, read));
            case ReadRange read:
                return Props.Create(() => new ReadCoordinator(frame, read));
            case WriteRange write:
                WriteStamp writeStamp = ledger.Begin(live);
                return Props.Create(() => new WriteCoordinator(frame, write, writeStamp));
            case ZeroRange zero:
                WriteStamp zeroStamp = ledger.Begin(live);
                return Props.Create(() => new ZeroCoordinator(frame, zero, zeroStamp));
            case FlushVolume or CheckpointVolume:
                ulong checkpoint = ledger.BeginFlush(live);
                bool withTargets = live.IsOwn;
                return Props.Create(() => new FlushCoordinator(frame, checkpoint, withTargets));
            case QueryRangeExtents query:
                return ExtentsProps(query, frame);
            case ReconcileRange reconcile:
                return ReconcileProps(live, reconcile, frame);
            case CopyRegion copy:
                RegionTask task = new(copy.OffsetBytes, copy.LengthBytes, ~0, ledger.BeginCopy(copy));
                return Props.Create(() => new CopyCoordinator(frame, copy, task, hasCompany));
            default:
                throw new InvalidOperationException($"no coordinator for {live.Request.GetType().Name}");
        }
    }

    /// <summary>
    /// What is to be reconciled is data, whatever it may read as (P17), and so are bad blocks, for a hole
    /// would be taken for zeroes without a read (P22). The query is cut to either one of them or neither.
    /// </summary>
    private Props ExtentsProps(QueryRangeExtents query, RequestFrame frame)
    {
        (long OffsetBytes, long LengthBytes) range = (query.OffsetBytes, query.LengthBytes);
        bool isData = false;
        if (ledger.Reconciler.TryFindIn(range, out (long OffsetBytes, long LengthBytes) found))
        {
            Cut(found);
        }

        if (BadBlocks.TryFindRunIn(frame.View.BadBlocks, range, out found) && !isData)
        {
            Cut(found);
        }

        QueryRangeExtents cut = query with { LengthBytes = range.LengthBytes };
        return Props.Create(() => new ExtentsCoordinator(frame, cut, isData));

        void Cut((long OffsetBytes, long LengthBytes) data)
        {
            isData = data.OffsetBytes == range.OffsetBytes;
            range.LengthBytes = isData ? data.LengthBytes : data.OffsetBytes - range.OffsetBytes;
        }
    }

    private Props? ReconcileProps(LiveRequest live, ReconcileRange reconcile, RequestFrame frame)
    {
        live.Blocks = ledger.Reconciler.BlocksOf(reconcile);
        if (live.Blocks == 0)
        {
            ledger.Reconciler.GiveBack(reconcile);
            return null;
        }

        RegionTask task =
            new(reconcile.OffsetBytes, reconcile.LengthBytes, live.Blocks, ledger.Begin(live));
        return Props.Create(() => new ReconcileCoordinator(frame, task));
    }
}
