using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// One replica in use: checks every request against the fence and the volume's bounds, sees that changes have
/// their hot marks, hands them to the disk, keeps the stamps, and answers when the disk has (P6 to P9, P16).
/// Requests on one replica run side by side and are answered as they finish. It never restarts: its
/// supervisor stops it when it fails, and the next open loads the files anew, as a new incarnation.
/// </summary>
internal sealed class ReplicaActor : Actor
{
    private readonly LoadedReplica _replica;
    private readonly SidecarState _sidecar;
    private readonly ReplicaStanding _standing;
    private readonly UnderWayRanges _underWay = new();
    private ReplicaDoor _door = null!;
    private ReplicaSyncs _syncs = null!;
    private HotGate _gate = null!;
    private ReplicaUpkeep _upkeep = null!;
    private ReplicaParts _parts = null!;
    private ReplicaClosing _closing = null!;
    private PendingOpen? _pendingOpen;

    internal ReplicaActor(LoadedReplica replica)
    {
        _replica = replica;
        _sidecar = replica.Sidecar;
        _standing = new ReplicaStanding(_sidecar);
    }

    private ReplicaFence Fence => _door.Fence;

    private SessionCount Session => _door.Session;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _door = new ReplicaDoor(_sidecar, Self, Start, OnRequestLeft);
        _syncs = new ReplicaSyncs(_replica, Self, Finish, LoseIncarnation);
        _gate = new HotGate(_sidecar, _standing, _syncs, Session, CarryOut);
        _upkeep = new ReplicaUpkeep(_sidecar, _standing, _gate, Context.Timers);
        _parts = new ReplicaParts(_sidecar, _standing, _underWay, _door, _syncs, _gate, _upkeep);
        _closing = new ReplicaClosing(_parts);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _replica.Dispose();

    /// <inheritdoc/>
    protected override void Receive(object message)
    {
        switch (message)
        {
            case ReplicaIo io:
                OnIoDone(io);
                break;
            case ReplicaRequest request:
                _door.Take(request, Sender);
                break;
            case SidecarIo io:
                _syncs.OnSidecarIo(io);
                break;
            case DataSync sync:
                _syncs.OnDataSynced(sync);
                break;
            case OpenReplica open:
                OnOpen(open, Sender);
                break;
            case RetireReplica:
                Retire();
                break;
            case SweepHotZones:
                _upkeep.Sweep();
                break;
            case WriteLazily:
                _syncs.JoinAll(new SyncWait(SyncPurpose.Lazy, 0, replyTo: null, Session.Opening));
                break;
            default:
                Unhandled(message);
                break;
        }

        if (message is DiskOperation { FoundCut: true })
        {
            LoseFile();
        }
    }

    private void OnOpen(OpenReplica open, IActorRef replyTo)
    {
        if (OpenCheck.Problem(open, _sidecar.Header) is ReplicaFailed refused)
        {
            replyTo.Tell(refused, Self);
            return;
        }

        if (!Fence.TryAccept(open.Epoch, open.Session))
        {
            Fail(replyTo, open.Tag, ReplicaRefusal.StaleEpoch);
            return;
        }

        EndSession(ReplicaRefusal.StaleEpoch, Errno.Stale, "a later session was accepted");
        Session.BeginNext();
        _standing.Open(open.Role);
        if (_pendingOpen is PendingOpen superseded)
        {
            Fail(superseded.ReplyTo, superseded.Tag, ReplicaRefusal.StaleEpoch);
        }

        _pendingOpen = new PendingOpen(open.Tag, replyTo);

        // From here on the replica may change: it is no longer what a clean close left.
        if (open.Epoch > _sidecar.Header.FenceEpoch || _sidecar.Header.ClosedCleanly)
        {
            _sidecar.Header = _sidecar.Header with
            {
                FenceEpoch = open.Epoch,
                ClosedCleanly = false,
                ClosedContinuous = false,
            };
        }

        _syncs.JoinHeader(new SyncWait(SyncPurpose.Open, open.Tag, replyTo, Session.Opening));
    }

    /// <summary>
    /// Answers the open once its epoch is durable and no request of an earlier session is under way (P9): a
    /// late write of theirs can then no longer land behind the new owner's back.
    /// </summary>
    private void AnswerOpenWhenSettled()
    {
        if (_pendingOpen is not { IsDurable: true } open || Session.EarlierCount > 0)
        {
            return;
        }

        _pendingOpen = null;
        Fence.BeginIncarnation(Context.System.Options.Ids.NextUInt64);
        Fence.Open();
        open.ReplyTo.Tell(OpenAnswer.Of(open.Tag, _parts), Self);
    }

    private void Start(ReplicaRequest request, IActorRef replyTo)
    {
        switch (request)
        {
            case WriteReplica or ZeroReplica or StampReplica:
                _underWay.Note(ReplicaChange.Of(request));
                _gate.Start(request, replyTo);
                break;
            case FlushReplica flush:
                _underWay.PassCheckpoint(flush.Checkpoint);
                _syncs.JoinBoth(new SyncWait(SyncPurpose.Flush, flush.Tag, replyTo, Session.Opening)
                {
                    Checkpoint = flush.Checkpoint,
                });
                break;
            case StoreReplicaRecord store:
                StartStore(store, replyTo);
                break;
            case SettleReplica settle:
                _upkeep.Settle(settle.Clean);
                _door.Answer(replyTo, new ReplicaDone(settle.Tag));
                break;
            case ListReplicaRegions list:
                _door.Answer(replyTo, RegionList.Of(list, _sidecar, _standing));
                break;
            case CloseReplica close:
                _closing.Start(close, replyTo);
                break;
            default:
                _replica.Data.Submit(ReplicaIo.Of(request, Self, replyTo, Session.Opening));
                break;
        }
    }

    /// <summary>
    /// A change whose marks are durable. Stamps rise before the data is written: whatever becomes of the
    /// write, its regions count as changed (P6).
    /// </summary>
    private void CarryOut(ReplicaRequest request, IActorRef replyTo)
    {
        ReplicaChange change = ReplicaChange.Of(request);
        _sidecar.Stamps.Raise(change.OffsetBytes, change.LengthBytes, change.Stamp);
        if (change.HasData)
        {
            _replica.Data.Submit(ReplicaIo.Of(request, Self, replyTo, Session.Opening));
        }
        else
        {
            _gate.Leave(request);
            _door.Answer(replyTo, new ReplicaDone(request.Tag));
        }
    }

    private void StartStore(StoreReplicaRecord store, IActorRef replyTo)
    {
        SyncWait wait = new(SyncPurpose.Record, store.Tag, replyTo, Session.Opening);
        if (store.Serial < _sidecar.Header.Serial)
        {
            FailWait(wait, ReplicaRefusal.StaleSerial, Errno.Stale, "the sidecar holds a later record");
            return;
        }

        _sidecar.Header = _sidecar.Header with { Serial = store.Serial, Record = store.Record.ToArray() };
        _syncs.JoinHeader(wait);
    }

    private void OnIoDone(ReplicaIo io)
    {
        if (ReplicaChange.IsIn(io.Request))
        {
            _syncs.DataChanged();
            _gate.Leave(io.Request);
        }

        // The fence is asked again: what ends after its session or incarnation is not vouched for (P8, P12).
        if (Fence.Check(io.Request.Ticket) is ReplicaRefusal late)
        {
            EndIo(io, Refusals.Fenced(io.Request.Tag, late, Fence));
        }
        else if (io.Errno != 0)
        {
            EndIo(io, Refusals.Disk(io));
        }
        else if (io.Request is WriteReplica { Fua: true } or ZeroReplica { Fua: true })
        {
            io.Release();
            _syncs.JoinBoth(new SyncWait(SyncPurpose.Fua, io.Request.Tag, io.ReplyTo, io.Opening)
            {
                HeldBytes = io.HeldBytes,
            });
        }
        else
        {
            EndIo(io, io.ToReply());
        }
    }

    private void EndIo(ReplicaIo io, ReplicaReply reply)
    {
        io.Release();
        io.ReplyTo.Tell(reply, Self);
        _door.Leave(io.Opening, io.HeldBytes);
    }

    /// <summary>A wait for durability is over, and well.</summary>
    private void Finish(SyncWait wait)
    {
        if (wait.IsInternal)
        {
            _upkeep.OnSynced(wait);
            return;
        }

        if (wait.Opening != Session.Opening)
        {
            if (wait.Purpose != SyncPurpose.Open)
            {
                FailWait(wait, ReplicaRefusal.StaleEpoch, Errno.Stale, "a later session was accepted");
            }

            return;
        }

        switch (wait.Purpose)
        {
            case SyncPurpose.Open:
                _pendingOpen!.IsDurable = true;
                AnswerOpenWhenSettled();
                return;
            case SyncPurpose.Marks:
                _gate.OnMarked(wait);
                return;
            case SyncPurpose.CloseFlush:
                _closing.OnFlushed(wait);
                return;
            case SyncPurpose.CloseMark:
                _closing.OnMarked();
                break;
            case SyncPurpose.Flush:
                _upkeep.OnFlushed(wait.Checkpoint);
                break;
        }

        wait.ReplyTo!.Tell(new ReplicaDone(wait.Tag), Self);
        _door.Leave(wait.Opening, wait.HeldBytes);
    }

    private void OnRequestLeft()
    {
        AnswerOpenWhenSettled();
        _gate.MakeRoomWhenNeeded();
        _closing.GoOnWhenIdle();
    }

    /// <summary>A sync failed (P8, P12). The syncs have answered their own waits already.</summary>
    private void LoseIncarnation(SyncFailure failure)
    {
        Context.System.Log.Error(
            Self.Path.Elements,
            $"{failure.What} failed: {Errno.Text(failure.Errno)}; this incarnation ends, "
                + "and its unsynced writes may be lost");
        Fence.EndIncarnation();
        _standing.EndLife();
        _gate.EndLife();
        string reason = $"{failure.What} failed";
        EndSession(ReplicaRefusal.SyncFailed, failure.Errno, reason);
        foreach (SyncWait wait in failure.Waits)
        {
            FailWait(wait, ReplicaRefusal.SyncFailed, failure.Errno, reason);
        }
    }

    /// <summary>
    /// Somebody cut or removed a file in use. Nothing was written to it since, so the next open finds it as
    /// it is, and makes durable that the replica is incomplete before the file gets its length back (P5). A
    /// file that grew again first would hold zeroes that nobody wrote, and no trace of the cut.
    /// </summary>
    private void LoseFile()
    {
        const string Lost = "a file was cut or removed while in use: acknowledged writes may be missing";
        Context.System.Log.Error(Self.Path.Elements, Lost);
        Retire();
    }

    /// <summary>
    /// Nobody who waits is left without an answer; whose request is under way hears of the end by watching.
    /// </summary>
    private void Retire()
    {
        Fence.EndIncarnation();
        if (_pendingOpen is PendingOpen open)
        {
            Fail(open.ReplyTo, open.Tag, ReplicaRefusal.WrongIncarnation);
            _pendingOpen = null;
        }

        EndSession(ReplicaRefusal.WrongIncarnation, Errno.Stale, "the replica ends");
        Context.Stop(Self);
    }

    /// <summary>
    /// What has not begun does not begin any more: changes that wait for room among the marks, a close that
    /// waits for the others, and all who wait to be let in.
    /// </summary>
    private void EndSession(ReplicaRefusal refusal, int errno, string reason)
    {
        _door.RefuseWaiting();
        if (_closing.Abandon() is SyncWait close)
        {
            FailWait(close, refusal, errno, reason);
        }

        while (_gate.TryDropWaiting(out ReplicaRequest? request, out IActorRef? replyTo))
        {
            long heldBytes = RequestCheck.HeldBytes(request);
            _door.Refuse(request, replyTo!, new ReplicaFailed(request.Tag, refusal, errno, reason));
            _door.Leave(Session.Opening, heldBytes);
        }
    }

    private void FailWait(SyncWait wait, ReplicaRefusal refusal, int errno, string reason)
    {
        if (wait.HasFailed)
        {
            return;
        }

        wait.HasFailed = true;
        wait.ReplyTo?.Tell(new ReplicaFailed(wait.Tag, refusal, errno, reason), Self);
        if (wait.Purpose == SyncPurpose.Open)
        {
            _pendingOpen = wait.Opening == Session.Opening ? null : _pendingOpen;
        }
        else if (wait.Purpose == SyncPurpose.Room)
        {
            _gate.RoomMade();
        }
        else if (!wait.IsInternal)
        {
            if (wait.Change is ReplicaRequest change)
            {
                (change as WriteReplica)?.Payload.Release();
                _gate.Abandon(change);
            }

            _door.Leave(wait.Opening, wait.HeldBytes);
        }
    }

    private void Fail(IActorRef replyTo, int tag, ReplicaRefusal refusal) =>
        replyTo.Tell(Refusals.Fenced(tag, refusal, Fence), Self);
}
