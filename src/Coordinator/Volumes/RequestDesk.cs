using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Coordinator.Checkpoints;
using Replication.Coordinator.Locking;
using Replication.Coordinator.Observing;
using Replication.Coordinator.Reconcile;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Resync;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Takes a volume's requests in, has them wait for their locks, starts a coordinator for each, and settles
/// what it leaves behind. Adds the owner's own: reconciles, checkpoints, and copies for resyncs. Whether
/// requests run is the volume's to say, by its gate. Runs within the volume's actor.
/// </summary>
/// <remarks>
/// Two things are waited for besides locks. A read whose range is to be reconciled first gives its lock back,
/// since the reconcile needs it, and comes in again (P17). A change that would make further zones hot, past
/// the limit of marks, waits for a checkpoint with its lock held (P7): nothing that the checkpoint waits for
/// needs that lock, for what overlaps something to be reconciled does not wait.
/// </remarks>
internal sealed class RequestDesk
{
    private readonly IActorContext _volume;
    private readonly long _sizeBytes;
    private readonly VolumeSettings _settings;
    private readonly Action _onReconciled;
    private readonly RequestTable _requests = new();
    private readonly ChangeLedger _ledger;
    private readonly Queue<(RangeRequest Request, IActorRef Client)> _held = new();
    private readonly Queue<LiveRequest> _granted = new();
    private readonly WaitingRequests _waiting = new();
    private readonly CoordinatorFactory _coordinators;
    private readonly OwnRequests _own;
    private readonly RequestDeadlines _deadlines;
    private readonly RequestRefusals _refusals;
    private readonly RequestReporter? _reporter;
    private Gate _gate = new Gate.Hold();

    /// <param name="volume">The volume's context.</param>
    /// <param name="sizeBytes">The volume's size.</param>
    /// <param name="settings">Times and limits.</param>
    /// <param name="onReconciled">Called whenever the last range to be reconciled has been (P17).</param>
    /// <param name="reporter">Hears of every request that is over; null for nobody.</param>
    internal RequestDesk(
        IActorContext volume,
        long sizeBytes,
        VolumeSettings settings,
        Action onReconciled,
        RequestReporter? reporter = null)
    {
        _volume = volume;
        _sizeBytes = sizeBytes;
        _settings = settings;
        _onReconciled = onReconciled;
        _ledger = new ChangeLedger(sizeBytes, settings);
        _coordinators = new CoordinatorFactory(_ledger);
        _own = new OwnRequests(volume.Timers, settings, _ledger);
        _deadlines = new RequestDeadlines(volume, settings, _requests, _waiting);
        _reporter = reporter;
        _refusals = new RequestRefusals(volume, _requests, reporter);
    }

    /// <summary>True when no coordinator runs, and none is started before the gate changes.</summary>
    internal bool IsIdle => _requests.StartedCount == 0 && (_granted.Count == 0 || _gate is Gate.Hold);

    /// <summary>True when the epoch's stamps are used up: nothing is taken in before the next (P6).</summary>
    internal bool WantsNewEpoch => _ledger.IsExhausted;

    /// <summary>True when nothing is to be reconciled (P17).</summary>
    internal bool IsReconciled => _ledger.Reconciler.IsEmpty;

    /// <summary>Bytes to be reconciled (P17).</summary>
    internal long UnreconciledBytes => _ledger.Reconciler.LengthBytes;

    internal int RunningCount => _requests.StartedCount;
    internal int LockWaitersCount => _requests.LockWaitersCount;
    internal ulong Checkpoint => _ledger.Checkpoint;

    internal int UnderWayCount => _requests.Count + _held.Count + _waiting.PatientCount;
    private TimeProvider Time => _volume.System.Options.Time;

    /// <summary>What the owner's own requests run on; null while they cannot.</summary>
    private VolumeView? OwnView => (_gate as Gate.Serve)?.View ?? (_gate as Gate.Refuse)?.Copies;

    /// <summary>Stamps count anew; nothing is under way.</summary>
    /// <param name="epoch">The owner's new one.</param>
    /// <param name="toReconcile">What the takeover found (P17); it comes on top of what there is.</param>
    /// <param name="hotZones">Zones that are hot on the children (P7).</param>
    internal void BeginEpoch(uint epoch, RangeSet toReconcile, long hotZones)
    {
        _reporter?.BeginEpoch(epoch);
        _ledger.BeginEpoch(epoch, toReconcile, hotZones);
        if (hotZones > 0)
        {
            _own.OnMarked();
        }
    }

    /// <summary>Calls back once every request that runs now has ended; at once when none does.</summary>
    internal void AfterRunning(Action action) => _requests.AfterRunning(action);

    /// <summary>Lets requests run, wait or fail from now on, those that waited first.</summary>
    internal void SetGate(Gate gate)
    {
        _gate = gate;
        _ledger.IsRecovering =
            gate is Gate.Refuse { Copies: not null } || (gate is Gate.Hold && _ledger.IsRecovering);
        _waiting.TakeCrowded(_granted);
        if (gate is Gate.Refuse refuse)
        {
            foreach (LiveRequest patient in _waiting.TakePatient(
                live => !live.IsOwn || refuse.Copies is null))
            {
                _refusals.Refuse(patient, refuse.Failure);
            }
        }

        Proceed();
        while ((_gate is Gate.Refuse { Copies: null } || (_gate is not Gate.Hold && !WantsNewEpoch))
            && _held.TryDequeue(out (RangeRequest Request, IActorRef Client) held))
        {
            TakeIn(held.Request, held.Client);
        }
    }

    /// <summary>A client, or a resync, asks.</summary>
    internal void TakeIn(RangeRequest request, IActorRef client)
    {
        if (_gate is Gate.Refuse refuse && (refuse.Copies is null || request is not CopyRegion))
        {
            _refusals.Refuse(request, client, refuse.Failure);
        }
        else if ((RequestRules.InvalidityOf(request, _sizeBytes)
            ?? RequestRules.ExcessOf(UnderWayCount, _settings.RequestsMax)) is { } invalid)
        {
            _refusals.Refuse(request, client, invalid);
        }
        else if (_gate is Gate.Hold || WantsNewEpoch)
        {
            _held.Enqueue((request, client));
        }
        else if (_requests.Admit(request, client, Time.GetTimestamp(), out LiveRequest live))
        {
            _granted.Enqueue(live);
            Proceed();
        }
    }

    /// <summary>A repair asks for its stamp.</summary>
    internal RepairStamp TakeRepairStamp(long requestId)
    {
        _own.OnMarked();
        return _ledger.BeginRepair(_requests.Get(requestId));
    }

    /// <summary>A request is over: what it leaves behind is settled, and what it held back goes on.</summary>
    internal LiveRequest OnEnded(RequestEnded ended)
    {
        LiveRequest live = _requests.Get(ended.RequestId);
        _reporter?.OnEnded(live, ended);
        bool wasReconciled = IsReconciled;
        _ledger.Settle(live, ended.Applied);
        Release(live);
        _own.OnEnded(live.Request, ended.Applied);
        if (live.Request is CheckpointVolume or FlushVolume)
        {
            _waiting.TakeCrowded(_granted);
        }

        if (!wasReconciled)
        {
            ReadmitPatient();
        }

        Proceed();
        _requests.CallThoseWaiting();
        if (IsReconciled && !wasReconciled)
        {
            _onReconciled();
        }

        return live;
    }

    /// <summary>Tells every running coordinator that nobody waits for these children any longer.</summary>
    internal void TellRunning(IReadOnlyList<ChildLost> children)
    {
        foreach (ChildLost lost in children)
        {
            _requests.TellAll(lost);
        }
    }

    /// <summary>One of the desk's own timers.</summary>
    internal void OnTick(DeskTick tick)
    {
        switch (tick)
        {
            case DeadlineTick:
                CheckDeadlines();
                break;
            case ReconcileTick:
                _own.OnReconcileTick();
                Proceed();
                break;
            case CheckpointTick:
                _own.OnCheckpointTick();
                Proceed();
                break;
            default:
                throw new InvalidOperationException($"no such tick: {tick}");
        }
    }

    /// <summary>The volume's actor ends: every client that no coordinator answers gets this.</summary>
    internal void FailAll(RangeFailed failure)
    {
        _reporter?.OnCutShort(_requests.Started);
        while (_held.TryDequeue(out (RangeRequest Request, IActorRef Client) held))
        {
            _refusals.Refuse(held.Request, held.Client, failure);
        }

        foreach (LiveRequest live in _requests.NotStarted.Concat(_waiting.TakePatient(static _ => true)))
        {
            _refusals.Refuse(live, failure);
        }
    }

    /// <summary>
    /// Starts what nothing stands in the way of. One that fails at once grants others: a loop, no recursion.
    /// </summary>
    private void Proceed()
    {
        do
        {
            while (_gate is not Gate.Hold && _granted.TryDequeue(out LiveRequest? live))
            {
                Start(live);
            }
        }
        while (AddOwn());
    }

    /// <summary>Adds reconciles and a checkpoint as they are wanted; true when one may start now.</summary>
    private bool AddOwn()
    {
        if (OwnView is null || WantsNewEpoch)
        {
            return false;
        }

        while (_own.TakeNext(_waiting) is { } next)
        {
            if (_requests.Admit(next, NoClient.Instance, Time.GetTimestamp(), out LiveRequest live))
            {
                _granted.Enqueue(live);
            }
        }

        return _granted.Count > 0;
    }

    private void Start(LiveRequest live)
    {
        VolumeView? view = live.IsOwn ? OwnView : (_gate as Gate.Serve)?.View;
        if (view is null)
        {
            GiveUp(live, ((Gate.Refuse)_gate).Failure);
        }
        else if (live.LooksAtData && _ledger.Reconciler.Overlaps(live.Range))
        {
            Release(live);
            _waiting.AddPatient(live);
            _deadlines.Keep();
        }
        else if (live.Request is ReadRange && view.BadBlocks.Length > 0
            && BadBlocks.TryFindIn(view.BadBlocks, live.Range, out long bad))
        {
            GiveUp(live, new RangeFailed(
                Errno.InputOutput, $"block {bad} is bad: its copies differ and none has enough votes"));
        }
        else if (live.IsExclusive && live.Request is not ReconcileRange && !HasRoomFor(live))
        {
            _waiting.AddCrowded(live, live.CrowdedSince ??= Time.GetTimestamp());
            _deadlines.Keep();
        }
        else
        {
            Run(live, view);
        }
    }

    /// <summary>
    /// What overlaps something to be reconciled is let through, for the checkpoint may wait for just that;
    /// and so is a copy while no checkpoint can make room: its target makes it by itself (P7).
    /// </summary>
    private bool HasRoomFor(LiveRequest live) =>
        _ledger.Zones.HasRoomFor(live.Range) || _ledger.Reconciler.Overlaps(live.Range)
        || (live.Request is CopyRegion && _ledger.Checkpoint == 0);

    private void Run(LiveRequest live, VolumeView view)
    {
        RequestFrame frame = new(live.Id, view, _volume.Self, live.Client, _sizeBytes);
        long now = Time.GetTimestamp();
        if (_coordinators.PropsFor(live, frame, _requests.HasCompany(Time, now)) is not { } props)
        {
            Release(live);
            return;
        }

        if (live.IsExclusive)
        {
            _own.OnMarked();
        }

        _requests.MarkStarted(live, now, view.Epoch);
        live.Coordinator = _volume.ActorOf(props);
        _deadlines.Keep();
    }

    /// <summary>Reads whose range is not to be reconciled any more ask for their locks again.</summary>
    private void ReadmitPatient()
    {
        foreach (LiveRequest live in _waiting.TakePatient(live => !_ledger.Reconciler.Overlaps(live.Range)))
        {
            if (_requests.Admit(live.Request, live.Client, live.ArrivedAt, out LiveRequest again))
            {
                _granted.Enqueue(again);
            }
        }
    }

    private void CheckDeadlines()
    {
        (IReadOnlyList<LiveRequest> patient, IReadOnlyList<LiveRequest> crowded) =
            _deadlines.Check(IsReconciled);
        foreach (LiveRequest live in patient)
        {
            _refusals.Refuse(live, new RangeFailed(
                Errno.InputOutput, "children may differ in this range, which was not reconciled in time"));
        }

        foreach (LiveRequest live in crowded)
        {
            GiveUp(live, new RangeFailed(
                Errno.InputOutput, "the children have no room for hot marks before they agree again"));
        }

        Proceed();
    }

    private void GiveUp(LiveRequest live, RangeFailed failure)
    {
        _own.GiveBack(live.Request);
        _refusals.Refuse(live, failure);
        Release(live);
    }

    private void Release(LiveRequest live)
    {
        foreach (RangeLock next in _requests.Remove(live))
        {
            _granted.Enqueue((LiveRequest)next.Owner!);
        }
    }
}
