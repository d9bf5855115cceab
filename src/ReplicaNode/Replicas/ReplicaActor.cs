using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.ReplicaNode.Observing;
using Replication.ReplicaNode.Sidecar;
using Replication.ReplicaNode.Storage;

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
    private readonly ReplicaIdentity _identity;
    private readonly IReplicaObserver _observer;
    private ReplicaAnswers _answers = null!;
    private ReplicaDoor _door = null!;
    private ReplicaSyncs _syncs = null!;
    private HotGate _gate = null!;
    private ReplicaUpkeep _upkeep = null!;
    private ReplicaParts _parts = null!;
    private ReplicaClosing _closing = null!;
    private ReplicaOpening _opening = null!;

    internal ReplicaActor(LoadedReplica replica, ReplicaIdentity identity, IReplicaObserver observer)
    {
        _replica = replica;
        _identity = identity;
        _observer = observer;
        _sidecar = replica.Sidecar;
        _standing = new ReplicaStanding(_sidecar);
    }

    private ReplicaFence Fence => _door.Fence;

    private SessionCount Session => _door.Session;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _answers = new ReplicaAnswers(_identity, Self, _observer, Context.System.Options.Time);
        _door = new ReplicaDoor(_sidecar, _answers, Start, OnRequestLeft);
        _syncs = new ReplicaSyncs(_replica, Self, Finish, LoseIncarnation);
        _gate = new HotGate(_sidecar, _standing, _syncs, Session, CarryOut);
        _upkeep = new ReplicaUpkeep(_sidecar, _standing, _gate, Context.Timers);
        _parts = new ReplicaParts(_sidecar, _standing, _underWay, _door, _syncs, _gate, _upkeep);
        _closing = new ReplicaClosing(_parts);
        _opening = new ReplicaOpening(_parts, Self, EndSession, Context.System.Options.Ids);
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
                _opening.Take(open, Sender);
                break;
            case QueryReplica:
                Sender.Tell(_door.StatusOf(_identity.VolumeName, _sidecar.Hot.Count), Self);
                break;
            case RetireReplica retire
                when OpenCheck.RemovalProblem(retire.Remove, _sidecar.Header) is { } known:
                Context.Parent.Tell(new RetireRefused(_identity.VolumeName, known), Self);
                break;
            case RetireReplica:
                Retire();
                break;
            case SweepHotZones:
                _upkeep.Sweep();
                break;
            case WriteLazily:
                _syncs.JoinAll(new SyncWait(SyncPurpose.Lazy, Session.Opening));
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

    private void Start(AskedRequest asked)
    {
        switch (asked.Request)
        {
            case WriteReplica or ZeroReplica or StampReplica:
                _underWay.Note(ReplicaChange.Of(asked.Request));
                _gate.Start(asked);
                break;
            case FlushReplica flush:
                _underWay.PassCheckpoint(flush.Checkpoint);
                _syncs.JoinBoth(WaitOf(SyncPurpose.Flush, asked, flush.Checkpoint));
                break;
            case StoreReplicaRecord store:
                StartStore(store, WaitOf(SyncPurpose.Record, asked));
                break;
            case SettleReplica settle:
                _upkeep.Settle(settle.Clean);
                _door.Answer(asked, new ReplicaDone(settle.Tag));
                break;
            case ListReplicaRegions list:
                _door.Answer(asked, RegionList.Of(list, _sidecar, _standing));
                break;
            case CloseReplica close:
                _closing.Start(close, WaitOf(SyncPurpose.CloseFlush, asked, close.Checkpoint));
                break;
            default:
                Submit(asked);
                break;
        }
    }

    private SyncWait WaitOf(SyncPurpose purpose, in AskedRequest asked, ulong checkpoint = 0) =>
        new(purpose, Session.Opening)
        {
            Asked = asked,
            Checkpoint = checkpoint,
            DiskStartedAt = _answers.Now,
        };

    private void Submit(in AskedRequest asked) =>
        _replica.Data.Submit(ReplicaIo.Of(asked, Self, (Session.Opening, _answers.Now)));

    /// <summary>
    /// A change whose marks are durable. Stamps rise before the data is written: whatever becomes of the
    /// write, its regions count as changed (P6).
    /// </summary>
    private void CarryOut(AskedRequest asked)
    {
        ReplicaChange change = ReplicaChange.Of(asked.Request);
        _sidecar.Stamps.Raise(change.OffsetBytes, change.LengthBytes, change.Stamp);
        if (change.HasData)
        {
            Submit(asked);
        }
        else
        {
            _gate.Leave(asked.Request);
            _door.Answer(asked, new ReplicaDone(asked.Tag));
        }
    }

    private void StartStore(StoreReplicaRecord store, SyncWait wait)
    {
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
            _syncs.JoinBoth(new SyncWait(SyncPurpose.Fua, io.Opening)
            {
                Asked = io.Asked,
                DiskStartedAt = io.StartedAt,
                DiskEndedAt = _answers.Now,
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
        _answers.Send(io.Asked, reply, (io.StartedAt, _answers.Now));
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
                _opening.OnDurable();
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

        _answers.Send(wait, new ReplicaDone(wait.Asked.Tag));
        _door.Leave(wait.Opening, wait.HeldBytes);
    }

    private void OnRequestLeft()
    {
        _opening.AnswerWhenSettled();
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
        _opening.Refuse(ReplicaRefusal.WrongIncarnation);
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

        while (_gate.TryDropWaiting(out AskedRequest asked))
        {
            long heldBytes = RequestCheck.HeldBytes(asked.Request);
            _door.Refuse(asked, new ReplicaFailed(asked.Tag, refusal, errno, reason));
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
        if (wait.Purpose == SyncPurpose.Open)
        {
            PendingOpen open = wait.Open!;
            open.ReplyTo.Tell(new ReplicaFailed(open.Tag, refusal, errno, reason), Self);
            _opening.Forget(open);
        }
        else if (wait.Purpose == SyncPurpose.Room)
        {
            _gate.RoomMade();
        }
        else if (!wait.IsInternal)
        {
            _answers.Send(wait, new ReplicaFailed(wait.Asked.Tag, refusal, errno, reason));
            if (wait.Purpose == SyncPurpose.Marks)
            {
                (wait.Asked.Request as WriteReplica)?.Payload.Release();
                _gate.Abandon(wait.Asked.Request);
            }

            _door.Leave(wait.Opening, wait.HeldBytes);
        }
    }
}
