using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// One replica in use: checks every request against the fence and the volume's bounds, hands it to the
/// disk, keeps the stamps, and answers when the disk has (P6, P8, P9, P16). Requests on one replica run
/// side by side and are answered as they finish. It never restarts: its supervisor stops it when it fails,
/// and the next open loads the files anew, as a new incarnation.
/// </summary>
internal sealed class ReplicaActor : Actor
{
    private readonly LoadedReplica _replica;
    private readonly SidecarState _sidecar;
    private readonly ReplicaFence _fence;
    private readonly Admission _admission = new();
    private readonly SessionCount _session = new();
    private ReplicaSyncs? _syncs;
    private PendingOpen? _pendingOpen;
    private SyncWait? _closing;
    private bool _continuous;

    internal ReplicaActor(LoadedReplica replica)
    {
        _replica = replica;
        _sidecar = replica.Sidecar;
        _fence = new ReplicaFence(_sidecar.Header.FenceEpoch);
        _continuous = _sidecar.Header is { ClosedCleanly: true, ClosedContinuous: true };
    }

    private ReplicaSyncs Syncs => _syncs ??= new ReplicaSyncs(_replica, Self, Finish, LoseIncarnation);

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
                OnRequest(request, Sender);
                break;
            case SidecarIo io:
                Syncs.OnSidecarIo(io);
                break;
            case DataSync sync:
                Syncs.OnDataSynced(sync);
                break;
            case OpenReplica open:
                OnOpen(open, Sender);
                break;
            case RetireReplica:
                Retire();
                break;
            case PersistCheckpoint:
                Syncs.JoinHeader(new SyncWait(SyncPurpose.Checkpoint, 0, replyTo: null, _session.Opening));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnOpen(OpenReplica open, IActorRef replyTo)
    {
        if (OpenCheck.Problem(open, _sidecar.Header) is ReplicaFailed refused)
        {
            replyTo.Tell(refused, Self);
            return;
        }

        if (!_fence.TryAccept(open.Epoch, open.Session))
        {
            Fail(replyTo, open.Tag, ReplicaRefusal.StaleEpoch);
            return;
        }

        _session.BeginNext();
        if (_pendingOpen is PendingOpen superseded)
        {
            Fail(superseded.ReplyTo, superseded.Tag, ReplicaRefusal.StaleEpoch);
        }

        _pendingOpen = new PendingOpen(open.Tag, replyTo);
        RefuseAllWaiting();
        AbandonClose(ReplicaRefusal.StaleEpoch, Errno.Stale, "a later session was accepted");

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

        Syncs.JoinHeader(new SyncWait(SyncPurpose.Open, open.Tag, replyTo, _session.Opening));
    }

    /// <summary>
    /// Answers the open once its epoch is durable and no request of an earlier session is under way (P9): a
    /// late write of theirs can then no longer land behind the new owner's back.
    /// </summary>
    private void AnswerOpenWhenSettled()
    {
        if (_pendingOpen is not { IsDurable: true } open || _session.EarlierCount > 0)
        {
            return;
        }

        _pendingOpen = null;
        _fence.BeginIncarnation(Context.System.Options.Ids.NextUInt64);
        _fence.Open();
        SidecarHeader header = _sidecar.Header;
        ReplicaOpened opened = new(open.Tag, _fence.Incarnation, header.Clean, _continuous, header.Serial);
        open.ReplyTo.Tell(opened with { Incomplete = header.Incomplete }, Self);
    }

    private void OnRequest(ReplicaRequest request, IActorRef replyTo)
    {
        if (Judge(request) is ReplicaFailed refused)
        {
            Refuse(request, replyTo, refused);
        }
        else if (_admission.TryEnter(request))
        {
            Start(request, replyTo);
        }
        else if (!_admission.TryWait(request, replyTo))
        {
            Refuse(request, replyTo, Refusals.LineFull(request.Tag));
        }
    }

    private ReplicaFailed? Judge(ReplicaRequest request)
    {
        ReplicaRefusal? refusal = _fence.Check(request.Ticket)
            ?? (_closing is null ? null : ReplicaRefusal.WrongIncarnation);
        if (refusal is ReplicaRefusal fenced)
        {
            return Refusals.Fenced(request.Tag, fenced, _fence);
        }

        return RequestCheck.Problem(request, _sidecar.Header.SizeBytes) is string problem
            ? Refusals.Bad(request.Tag, problem)
            : null;
    }

    private void Start(ReplicaRequest request, IActorRef replyTo)
    {
        _session.Started();
        switch (request)
        {
            case FlushReplica flush:
                Syncs.JoinBoth(new SyncWait(SyncPurpose.Flush, flush.Tag, replyTo, _session.Opening)
                {
                    Checkpoint = flush.Checkpoint,
                });
                break;
            case StoreReplicaRecord store:
                StartStore(store, replyTo);
                break;
            case CloseReplica close:
                _closing = new SyncWait(SyncPurpose.CloseFlush, close.Tag, replyTo, _session.Opening);
                CloseWhenIdle();
                break;
            default:
                ReplicaIo io = ReplicaIo.Of(request, Self, replyTo, _session.Opening);
                io.RaiseStamps(_sidecar.Stamps);
                _replica.Data.Submit(io);
                break;
        }
    }

    private void StartStore(StoreReplicaRecord store, IActorRef replyTo)
    {
        SyncWait wait = new(SyncPurpose.Record, store.Tag, replyTo, _session.Opening);
        if (store.Serial < _sidecar.Header.Serial)
        {
            FailWait(wait, ReplicaRefusal.StaleSerial, Errno.Stale, "the sidecar holds a later record");
            return;
        }

        _sidecar.Header = _sidecar.Header with { Serial = store.Serial, Record = store.Record.ToArray() };
        Syncs.JoinHeader(wait);
    }

    private void OnIoDone(ReplicaIo io)
    {
        if (io.Request is WriteReplica or ZeroReplica)
        {
            Syncs.DataChanged();
        }

        // The fence is asked again: what ends after its session or incarnation is not vouched for (P8, P12).
        if (_fence.Check(io.Request.Ticket) is ReplicaRefusal late)
        {
            EndIo(io, Refusals.Fenced(io.Request.Tag, late, _fence));
        }
        else if (io.Errno != 0)
        {
            EndIo(io, Refusals.Disk(io));
        }
        else if (io.Request is WriteReplica { Fua: true } or ZeroReplica { Fua: true })
        {
            io.Release();
            Syncs.JoinBoth(new SyncWait(SyncPurpose.Fua, io.Request.Tag, io.ReplyTo, io.Opening)
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
        EndRequest(io.Opening, io.HeldBytes);
    }

    /// <summary>A wait for durability is over, and well.</summary>
    private void Finish(SyncWait wait)
    {
        if (wait.Purpose == SyncPurpose.Checkpoint)
        {
            return;
        }

        if (wait.Opening != _session.Opening)
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
            case SyncPurpose.CloseFlush:
                _sidecar.Header =
                    _sidecar.Header with { ClosedCleanly = true, ClosedContinuous = _continuous };
                Syncs.JoinHeader(new SyncWait(SyncPurpose.CloseMark, wait.Tag, wait.ReplyTo, wait.Opening));
                return;
            case SyncPurpose.CloseMark:
                _closing = null;
                _fence.Close();
                break;
            case SyncPurpose.Flush:
                RaiseClean(wait.Checkpoint);
                break;
        }

        wait.ReplyTo!.Tell(new ReplicaDone(wait.Tag), Self);
        EndRequest(wait.Opening, wait.HeldBytes);
    }

    /// <summary>
    /// The header takes the checkpoint along with its next write, or by itself soon: a flush needs no second
    /// sync after that of the data, and a clean that lags is only more to copy (P20).
    /// </summary>
    private void RaiseClean(ulong checkpoint)
    {
        if (checkpoint > _sidecar.Header.Clean)
        {
            _sidecar.Header = _sidecar.Header with { Clean = checkpoint };
            Context.Timers.StartSingle(
                PersistCheckpoint.Instance, PersistCheckpoint.Instance, PersistCheckpoint.Delay);
        }
    }

    private void CloseWhenIdle()
    {
        if (_closing is SyncWait { IsStarted: false } close && _session.Count == 1 && !_admission.HasWaiting)
        {
            close.IsStarted = true;
            Syncs.JoinBoth(close);
        }
    }

    private void AbandonClose(ReplicaRefusal refusal, int errno, string reason)
    {
        SyncWait? close = _closing;
        _closing = null;
        if (close is { IsStarted: false })
        {
            FailWait(close, refusal, errno, reason);
        }
    }

    /// <summary>A sync failed (P8, P12). The syncs have answered their own waits already.</summary>
    private void LoseIncarnation(SyncFailure failure)
    {
        Context.System.Log.Error(
            Self.Path.Elements,
            $"{failure.What} failed: {Errno.Text(failure.Errno)}; this incarnation ends, "
                + "and its unsynced writes may be lost");
        _fence.EndIncarnation();
        _continuous = false;
        string reason = $"{failure.What} failed";
        AbandonClose(ReplicaRefusal.SyncFailed, failure.Errno, reason);
        foreach (SyncWait wait in failure.Waits)
        {
            FailWait(wait, ReplicaRefusal.SyncFailed, failure.Errno, reason);
        }

        RefuseAllWaiting();
    }

    /// <summary>
    /// Nobody who waits is left without an answer; whose request is under way hears of the end by watching.
    /// </summary>
    private void Retire()
    {
        _fence.EndIncarnation();
        if (_pendingOpen is PendingOpen open)
        {
            Fail(open.ReplyTo, open.Tag, ReplicaRefusal.WrongIncarnation);
        }

        RefuseAllWaiting();
        Context.Stop(Self);
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
            _pendingOpen = wait.Opening == _session.Opening ? null : _pendingOpen;
        }
        else if (wait.Purpose != SyncPurpose.Checkpoint)
        {
            EndRequest(wait.Opening, wait.HeldBytes);
        }
    }

    private void EndRequest(int opening, long heldBytes)
    {
        _admission.Leave(heldBytes);
        _session.Ended(opening);
        AnswerOpenWhenSettled();
        while (_admission.TryTakeWaiting(out ReplicaRequest? request, out IActorRef? replyTo))
        {
            if (Judge(request) is ReplicaFailed refused)
            {
                _admission.Leave(RequestCheck.HeldBytes(request));
                Refuse(request, replyTo!, refused);
            }
            else
            {
                Start(request, replyTo!);
            }
        }

        CloseWhenIdle();
    }

    private void RefuseAllWaiting()
    {
        while (_admission.TryDropWaiting(out ReplicaRequest? request, out IActorRef? replyTo))
        {
            ReplicaRefusal refusal = _fence.Check(request.Ticket) ?? ReplicaRefusal.WrongIncarnation;
            Refuse(request, replyTo!, Refusals.Fenced(request.Tag, refusal, _fence));
        }
    }

    private void Refuse(ReplicaRequest request, IActorRef replyTo, ReplicaFailed refused)
    {
        (request as WriteReplica)?.Payload.Release();
        replyTo.Tell(refused, Self);
    }

    private void Fail(IActorRef replyTo, int tag, ReplicaRefusal refusal) =>
        replyTo.Tell(Refusals.Fenced(tag, refusal, _fence), Self);
}
