using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Disk;
using Replication.Actors.Supervision;
using Replication.Actors.Watch;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Locking;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Owns one volume: raises its epoch, opens its children, admits requests under range locks, starts a coordinator
/// for each, judges children that fail, and keeps the record. What it knows of its children is in
/// <see cref="ChildTable"/>, of requests in <see cref="RequestTable"/>.
/// </summary>
/// <remarks>
/// While a change of the record is under way no request is started, so a request's view of who is Synced is that of
/// the record at its start (P3 for a store that answers or fails the volume).
/// </remarks>
public sealed class VolumeActor : Actor
{
    private static readonly object OpenTimer = new();
    private static readonly object DeadlineTimer = new();
    private static readonly object CloseTimer = new();

    private readonly VolumeSeams _seams;
    private readonly ChildTable _children;
    private readonly RequestTable _requests = new();
    private readonly RangeSet _unreconciled = new();
    private readonly Queue<(RangeRequest Request, IActorRef Client)> _held = new();
    private readonly Queue<LiveRequest> _granted = new();
    private readonly Queue<(IReadOnlyList<ChildFault> Faults, IActorRef? Waiter)> _judgements = new();
    private readonly List<IActorRef> _awaiting = [];
    private readonly List<IActorRef> _closers = [];
    private VolumeEntry _entry;
    private StampClock? _stamps;
    private VolumeView? _view;
    private ulong _checkpointMax = ulong.MaxValue;
    private Phase _phase = Phase.Opening;
    private string? _trouble;
    private VolumeCondition _published = VolumeCondition.Opening;
    private long _openingSince;
    private bool _changing;
    private bool _renewing;

    private VolumeActor(VolumeEntry entry, VolumeSeams seams)
    {
        _entry = entry;
        _seams = seams;
        _children = new ChildTable(entry.Record, seams);
    }

    private enum Phase
    {
        Opening,
        Serving,
        Failed,
        Closing,
    }

    /// <summary>Failures of coordinators are theirs alone: they have told their client and end.</summary>
    protected override SupervisorStrategy SupervisorStrategy => SupervisorStrategy.Stopping;

    private VolumeRecord Record => _entry.Record;

    private TimeProvider Time => Context.System.Options.Time;

    /// <summary>Props of a volume whose record was read from the store.</summary>
    public static Props Props(VolumeEntry entry, VolumeSeams seams) =>
        Actors.Props.Create(() => new VolumeActor(entry, seams));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Publish(new VolumeExported(Record.Name, Record.SizeBytes, Self));
        BeginOpening();
    }

    /// <summary>However it ends, every client has its answer; running coordinators give theirs as they stop.</summary>
    protected override void PostStop()
    {
        FailHeld(Errno.Shutdown, "the volume has stopped");
        foreach (LiveRequest live in _requests.NotStarted)
        {
            Refuse(live.Request, live.Client, new RangeFailed(Errno.Shutdown, "the volume has stopped"));
        }

        Context.System.EventStream.Publish(new VolumeWithdrawn(Record.Name, _trouble ?? "closed"));
    }

    /// <inheritdoc/>
    protected override void Receive(object message)
    {
        switch (message)
        {
            case RangeRequest request:
                OnRequest(request, Sender);
                break;
            case RequestEnded ended:
                OnEnded(ended);
                break;
            case JudgeChildren judge:
                Judge(judge.Faults, Sender);
                break;
            case TakeRepairStamp take:
                OnTakeRepairStamp(take);
                break;
            case RecordStored stored:
                OnRecordStored(stored);
                break;
            case PipeFailed failed:
                OnStoreFailed(failed.Tag, $"the cluster store failed: {failed.Cause.Message}");
                break;
            case ReplicaOpened opened:
                OnOpened(opened);
                break;
            case ReplicaFailed failed:
                OnOpenFailed(failed);
                break;
            case Terminated terminated:
                OnTerminated(terminated);
                break;
            case OpenTick:
                OnOpenTick();
                break;
            case DeadlineTick:
                OnDeadlineTick();
                break;
            case QueryVolume:
                Sender.Tell(Status(), Self);
                break;
            case AwaitOpening:
                _awaiting.Add(Sender);
                TellAwaiting();
                break;
            case CloseVolume:
                OnClose();
                break;
            case ReplicaDone done:
                _children.SetClosed(done.Tag);
                FinishCloseWhenDone();
                break;
            case CloseTick:
                FinishClose();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // Opening (P9, P10): every life of the owner has an epoch of its own, and goes on with at least f children.
    private void BeginOpening()
    {
        _phase = Phase.Opening;
        _view = null;
        _renewing = false;
        Store(Record.WithEpochRaised(_seams.Owner), new RaiseEpoch());
    }

    private void OnEpochRaised()
    {
        _stamps = new StampClock(Record.Epoch);
        _children.ResetLinks();
        _openingSince = Time.GetTimestamp();
        Context.Timers.StartPeriodic(OpenTimer, new OpenTick(), _seams.Settings.OpenRetry);
        _children.AttemptAll(Record, Self);
    }

    private void OnOpenTick()
    {
        if (_phase is Phase.Failed or Phase.Closing || _changing)
        {
            return;
        }

        _children.AttemptAll(Record, Self);
        if (_phase == Phase.Opening)
        {
            SettleOpening();
        }
        else if (_children.AllSyncedOpen)
        {
            Context.Timers.Cancel(OpenTimer);
        }
    }

    private void OnOpened(ReplicaOpened opened)
    {
        ChildSlot? slot = _children.FindAttempt(opened.Tag);
        if (slot is null || _phase is Phase.Failed or Phase.Closing)
        {
            return;
        }

        bool anotherLife = slot.Incarnation != 0 && slot.Incarnation != opened.Incarnation;
        slot.SetOpen(Sender, new ReplicaTicket(Record.Epoch, slot.AttemptSession, opened.Incarnation));
        Context.Watch(Sender);
        if (anotherLife)
        {
            Judge([new ChildFault(
                slot.Record.Index, slot.Session, FaultKind.IncarnationLost, Errno.InputOutput, "the replica restarted")]);
        }
        else if (_phase == Phase.Opening)
        {
            SettleOpening();
        }
        else
        {
            OnChildReturned();
        }
    }

    private void OnOpenFailed(ReplicaFailed failed)
    {
        ChildSlot? slot = _children.FindAttempt(failed.Tag);
        if (slot is null)
        {
            _children.SetClosed(failed.Tag);
            FinishCloseWhenDone();
            return;
        }

        slot.SetNotOpen(slot.Link == ChildLink.Open ? ChildLink.Out : slot.Link, failed.Reason);
        if (failed.Refusal is ReplicaRefusal.StaleEpoch or ReplicaRefusal.StaleSerial)
        {
            Fail($"{slot.NodeName} refuses this owner: {failed.Reason}");
        }
    }

    private void SettleOpening()
    {
        if (_changing || _stamps is null)
        {
            return;
        }

        if (_children.AllSyncedOpen)
        {
            Serve();
            return;
        }

        if (Time.GetElapsedTime(_openingSince) < _seams.Settings.OpenTimeout)
        {
            return;
        }

        int open = _children.OpenSyncedCount;
        if (open < Record.FenceQuorum)
        {
            _trouble = $"{open} of {Record.SyncedCount} children could be opened, {Record.FenceQuorum} are needed";
            FailHeld(Errno.InputOutput, _trouble);
            TellAwaiting();
            PublishCondition();
            return;
        }

        Judge(_children.NotOpenFaults("could not be opened"));
    }

    private void Serve()
    {
        _phase = Phase.Serving;
        _trouble = null;
        RenewView();
        TellAwaiting();
        PublishCondition();
        StartGranted();
        ReleaseHeld();
    }

    // Requests.
    private void OnRequest(RangeRequest request, IActorRef client)
    {
        if (RefusalOf(request) is { } refusal)
        {
            Refuse(request, client, refusal);
        }
        else if (_changing || _renewing || (_phase == Phase.Opening && _trouble is null))
        {
            _held.Enqueue((request, client));
        }
        else
        {
            Admit(request, client);
        }
    }

    private RangeFailed? RefusalOf(RangeRequest request)
    {
        (long offset, long length) = LiveRequest.RangeOf(request);
        return _phase switch
        {
            Phase.Failed => new RangeFailed(Errno.InputOutput, _trouble ?? "the volume has failed"),
            Phase.Closing => new RangeFailed(Errno.Shutdown, "the volume is closing"),
            _ when request is not FlushVolume
                && (offset < 0 || length <= 0 || length > Record.SizeBytes || offset > Record.SizeBytes - length) =>
                new RangeFailed(Errno.Invalid, $"the range is outside the volume's {Record.SizeBytes} bytes"),
            Phase.Opening when _trouble is not null => new RangeFailed(Errno.InputOutput, _trouble),
            _ when _requests.Count + _held.Count >= RequestTable.CountMax =>
                new RangeFailed(Errno.NoMemory, $"{RequestTable.CountMax} requests are under way"),
            _ => null,
        };
    }

    private void Admit(RangeRequest request, IActorRef client)
    {
        if (_requests.Admit(request, client, out LiveRequest live))
        {
            Start(live);
        }
    }

    /// <summary>Runs a request that nothing stands in the way of, or fails it when the volume cannot serve it now.</summary>
    private void Start(LiveRequest live)
    {
        if (_changing || _phase == Phase.Opening)
        {
            _granted.Enqueue(live);
            return;
        }

        (long offset, long length) = live.Range;
        if (_view is null)
        {
            GiveUp(live, _trouble ?? "too few children can be reached");
        }
        else if (!live.ChangesData && live.Lock is not null && _unreconciled.Overlaps(offset, length))
        {
            GiveUp(live, "an earlier write of this range failed: it is to be written again");
        }
        else
        {
            RequestFrame frame = new(live.Id, _view, Self, live.Client);
            _requests.MarkStarted(live, Time.GetTimestamp());
            live.Coordinator = Context.ActorOf(PropsFor(live, frame));
            if (!Context.Timers.IsActive(DeadlineTimer))
            {
                Context.Timers.StartPeriodic(DeadlineTimer, new DeadlineTick(), _seams.Settings.ChildTimeout / 10);
            }
        }
    }

    private Props PropsFor(LiveRequest live, RequestFrame frame)
    {
        switch (live.Request)
        {
            case ReadRange read:
                return Actors.Props.Create(() => new ReadCoordinator(frame, read));
            case WriteRange write:
                WriteStamp writeStamp = TakeStamp(live);
                return Actors.Props.Create(() => new WriteCoordinator(frame, write, writeStamp));
            case ZeroRange zero:
                WriteStamp zeroStamp = TakeStamp(live);
                return Actors.Props.Create(() => new ZeroCoordinator(frame, zero, zeroStamp));
            case FlushVolume:
                ulong checkpoint = Math.Min(_stamps!.Checkpoint, _checkpointMax);
                return Actors.Props.Create(() => new FlushCoordinator(frame, checkpoint));
            case QueryRangeExtents query:
                return Actors.Props.Create(() => new ExtentsCoordinator(frame, query));
            default:
                throw new InvalidOperationException($"no coordinator for {live.Request.GetType().Name}");
        }
    }

    private WriteStamp TakeStamp(LiveRequest live)
    {
        ulong lowWater = _stamps!.LowWater;
        live.Stamp = _stamps.Take();
        _renewing |= _stamps.IsExhausted;
        return new WriteStamp(live.Stamp, lowWater);
    }

    private void OnTakeRepairStamp(TakeRepairStamp take)
    {
        LiveRequest live = _requests.Find(take.RequestId)
            ?? throw new InvalidOperationException($"request {take.RequestId} is not under way");
        ulong lowWater = _stamps!.LowWater;
        live.RepairStamp = _stamps.Take();
        _renewing |= _stamps.IsExhausted;
        Sender.Tell(new RepairStamp(live.RepairStamp, lowWater), Self);
    }

    private void OnEnded(RequestEnded ended)
    {
        LiveRequest live = _requests.Find(ended.RequestId)
            ?? throw new InvalidOperationException($"request {ended.RequestId} ended twice");
        foreach (ChildNote note in ended.Notes)
        {
            _children.Find(note.ChildIndex)?.Count(note, live.Operation, Time.GetUtcNow());
        }

        SettleStamps(live, ended.Applied);
        Release(live);
        if (ended.Faults.Count > 0)
        {
            Judge(ended.Faults);
        }

        AfterEnd();
    }

    private void SettleStamps(LiveRequest live, bool applied)
    {
        (long offset, long length) = live.Range;
        if (live.Stamp != 0)
        {
            _stamps!.Complete(live.Stamp);
            if (applied)
            {
                _unreconciled.Remove(offset, length);
                _checkpointMax = _unreconciled.IsEmpty ? ulong.MaxValue : _checkpointMax;
            }
            else
            {
                _unreconciled.Add(offset, length);
                _checkpointMax = Math.Min(_checkpointMax, live.Stamp - 1);
            }
        }

        if (live.RepairStamp != 0)
        {
            _stamps!.Complete(live.RepairStamp);
        }
    }

    private void GiveUp(LiveRequest live, string reason)
    {
        Refuse(live.Request, live.Client, new RangeFailed(Errno.InputOutput, reason));
        Release(live);
    }

    private void Release(LiveRequest live)
    {
        foreach (RangeLock next in _requests.Remove(live))
        {
            Start((LiveRequest)next.Owner!);
        }
    }

    private void AfterEnd()
    {
        if (_requests.StartedCount > 0 || _changing)
        {
            return;
        }

        if (_phase == Phase.Closing)
        {
            CloseChildren();
        }
        else if (_renewing && _phase == Phase.Serving && _granted.Count == 0)
        {
            // The epoch's stamps are used up (P6): the owner raises its own epoch, with nothing under way.
            BeginOpening();
        }
    }

    private void Refuse(RangeRequest request, IActorRef client, RangeFailed refusal)
    {
        LiveRequest.Drop(request);
        client.Tell(refusal, Self);
    }

    private void StartGranted()
    {
        while (!_changing && _granted.TryDequeue(out LiveRequest? live))
        {
            Start(live);
        }
    }

    private void ReleaseHeld()
    {
        while (!_changing && !_renewing && _held.TryDequeue(out (RangeRequest Request, IActorRef Client) held))
        {
            OnRequest(held.Request, held.Client);
        }
    }

    private void FailHeld(int errno, string reason)
    {
        while (_held.TryDequeue(out (RangeRequest Request, IActorRef Client) held))
        {
            Refuse(held.Request, held.Client, new RangeFailed(errno, reason));
        }
    }

    private void OnDeadlineTick()
    {
        if (_requests.StartedCount == 0)
        {
            Context.Timers.Cancel(DeadlineTimer);
            return;
        }

        long now = Time.GetTimestamp();
        _requests.TellOlderThan(_seams.Settings.ChildTimeout, Time, now, new CheckDeadline(now));
    }

    // Judging children (P13, P15): all that failed one request together, one change of the record at a time.
    private void OnTerminated(Terminated terminated)
    {
        ChildSlot? slot = _children.FindOpen(terminated.Actor);
        if (slot is not null && _phase != Phase.Closing)
        {
            string reason = terminated.ConnectionLost ? "the connection was lost" : "the replica stopped";
            Judge([new ChildFault(slot.Record.Index, slot.Session, FaultKind.Out, Errno.ConnectionReset, reason)]);
        }
    }

    private void Judge(IReadOnlyList<ChildFault> faults, IActorRef? waiter = null)
    {
        foreach (ChildFault fault in faults)
        {
            ChildSlot slot = _children.Find(fault.ChildIndex)!;
            if (fault.Kind == FaultKind.Refused && slot.IsOpen && fault.Session == slot.Session)
            {
                Fail($"{slot.NodeName} has accepted another owner: {fault.Reason}");
            }
            else if (fault.Kind is not FaultKind.WriteFailed && slot.IsOpen && fault.Session == slot.Session)
            {
                // Whatever else it was asked under that session has failed too; nobody waits for it any longer.
                slot.SetNotOpen(ChildLink.Out, fault.Reason);
                _requests.TellAll(new ChildLost(fault.ChildIndex, fault.Session, fault.Errno, fault.Reason));
            }
        }

        _judgements.Enqueue((faults, waiter));
        ProcessJudgements();
    }

    private void ProcessJudgements()
    {
        while (!_changing && _judgements.TryDequeue(out (IReadOnlyList<ChildFault> Faults, IActorRef? Waiter) next))
        {
            IReadOnlyList<ChildFault> synced =
                [.. next.Faults.Where(fault => _children.Find(fault.ChildIndex)!.IsSynced)];
            if (synced.Count == 0)
            {
                next.Waiter?.Tell(new ChildrenJudged(Recorded: true), Self);
            }
            else if (_phase is not Phase.Failed && _children.OpenSyncedWithout(synced) >= Record.Options.Threshold)
            {
                Store(
                    Record.WithStates([.. synced.Select(static fault =>
                        new ChildStateChange(fault.ChildIndex, ChildState.Stale))]),
                    new RecordStale(synced, next.Waiter));
                return;
            }
            else
            {
                OnNotRecordable(synced, next.Waiter);
            }
        }

        if (_changing || _phase == Phase.Opening)
        {
            return;
        }

        if (_phase == Phase.Serving)
        {
            RenewView();
            PublishCondition();
        }

        StartGranted();
        ReleaseHeld();
    }

    /// <summary>Too few would be left: nothing is recorded, and the request fails (P15).</summary>
    private void OnNotRecordable(IReadOnlyList<ChildFault> faults, IActorRef? waiter)
    {
        waiter?.Tell(new ChildrenJudged(Recorded: false), Self);
        if (faults.FirstOrDefault(static fault => fault.Kind == FaultKind.IncarnationLost) is { } lost
            && _phase != Phase.Failed)
        {
            ChildSlot slot = _children.Find(lost.ChildIndex)!;
            Fail($"{slot.NodeName} may have lost writes ({lost.Reason}) and too few other children are in sync");
        }
        else if (_phase != Phase.Failed && !_children.AllSyncedOpen && !Context.Timers.IsActive(OpenTimer))
        {
            Context.Timers.StartPeriodic(OpenTimer, new OpenTick(), _seams.Settings.OpenRetry);
        }
    }

    private void OnChildReturned()
    {
        IReadOnlyList<ChildFault> stillOut = _children.NotOpenFaults("is still out");
        if (stillOut.Count > 0)
        {
            Judge(stillOut);
        }
        else
        {
            ProcessJudgements();
        }
    }

    private void RenewView()
    {
        _view = _children.AllSyncedOpen && _children.OpenSyncedCount >= Record.Options.Threshold
            ? _children.MakeView(Record)
            : null;
        _trouble = _view is null
            ? $"{_children.OpenSyncedCount} children in sync can be reached, {Record.SyncedCount} are needed"
            : null;
    }

    // The record.
    private void Store(RecordChange change, RecordPurpose purpose)
    {
        if (change is not RecordChange.Allowed allowed)
        {
            Fail(((RecordChange.Refused)change).Reason);
            return;
        }

        _changing = true;
        _seams.Records.ChangeAsync(_entry, allowed.Record)
            .PipeTo(Self, stored => new RecordStored(stored, purpose), tag: purpose);
    }

    private void OnRecordStored(RecordStored stored)
    {
        if (stored.Change is not VolumeChange.Written written)
        {
            OnStoreFailed(stored.Purpose, "the volume's record was changed by somebody else");
            return;
        }

        _changing = false;
        _entry = written.Entry;
        switch (stored.Purpose)
        {
            case RaiseEpoch:
                OnEpochRaised();
                break;
            case RecordStale stale:
                foreach (ChildSlot slot in _children.Apply(Record, stale.Faults, Time.GetUtcNow()))
                {
                    OnChildStale(slot);
                }

                stale.Waiter?.Tell(new ChildrenJudged(Recorded: true), Self);
                break;
            default:
                throw new InvalidOperationException($"no such purpose: {stored.Purpose}");
        }

        if (_phase == Phase.Opening)
        {
            SettleOpening();
        }

        ProcessJudgements();
        AfterEnd();
    }

    /// <summary>Nothing that relied on the change may be acknowledged: its outcome is unknown or it was refused (P3).</summary>
    private void OnStoreFailed(object? purpose, string reason)
    {
        _changing = false;
        Fail(reason);
        (purpose as RecordStale)?.Waiter?.Tell(new ChildrenJudged(Recorded: false), Self);
        ProcessJudgements();
        AfterEnd();
    }

    private void OnChildStale(ChildSlot slot)
    {
        if (slot.Replica is not null)
        {
            Context.Unwatch(slot.Replica);
        }

        Context.System.EventStream.Publish(new ChildStateChanged(
            Time.GetUtcNow(), Record.Name, slot.Record.Name, slot.NodeName, slot.Record.State, slot.Reason ?? "failed"));
    }

    /// <summary>The volume stops until the gateway is restarted; nothing that waits is lost silently.</summary>
    private void Fail(string reason)
    {
        if (_phase is Phase.Failed or Phase.Closing)
        {
            return;
        }

        _phase = Phase.Failed;
        _trouble = reason;
        _view = null;
        Context.System.Log.Error($"volume {Record.Name}", reason);
        StartGranted();
        FailHeld(Errno.InputOutput, reason);
        ProcessJudgements();
        TellAwaiting();
        PublishCondition();
    }

    // What others are told.
    private VolumeCondition Condition => _phase switch
    {
        Phase.Failed => VolumeCondition.Failed,
        Phase.Opening => _trouble is null ? VolumeCondition.Opening : VolumeCondition.Suspended,
        _ when _view is null => VolumeCondition.Suspended,
        _ => Record.SyncedCount == Record.Children.Length ? VolumeCondition.Healthy : VolumeCondition.Degraded,
    };

    private VolumeStatus Status() => new(
        Record.Name,
        Record.Id,
        Record.SizeBytes,
        Record.Options,
        Record.Epoch,
        Condition,
        _trouble ?? _children.Trouble(),
        _unreconciled.LengthBytes,
        _children.Statuses());

    private void PublishCondition()
    {
        VolumeCondition condition = Condition;
        if (condition != _published)
        {
            _published = condition;
            Context.System.EventStream.Publish(new VolumeConditionChanged(
                Time.GetUtcNow(), Record.Name, condition, _trouble ?? _children.Trouble() ?? "every child is in sync"));
        }
    }

    private void TellAwaiting()
    {
        if (Condition == VolumeCondition.Opening)
        {
            return;
        }

        VolumeStatus status = Status();
        foreach (IActorRef waiter in _awaiting)
        {
            waiter.Tell(status, Self);
        }

        _awaiting.Clear();
    }

    // Closing.
    private void OnClose()
    {
        _closers.Add(Sender);
        if (_phase == Phase.Closing)
        {
            return;
        }

        _phase = Phase.Closing;
        _view = null;
        Context.Timers.Cancel(OpenTimer);
        StartGranted();
        FailHeld(Errno.Shutdown, "the volume is closing");
        AfterEnd();
    }

    private void CloseChildren()
    {
        Context.Timers.StartSingle(CloseTimer, new CloseTick(), _seams.Settings.ChildTimeout);
        _children.CloseAll(Self);
        FinishCloseWhenDone();
    }

    private void FinishCloseWhenDone()
    {
        if (_phase == Phase.Closing && Context.Timers.IsActive(CloseTimer) && !_children.IsAnyClosing)
        {
            FinishClose();
        }
    }

    private void FinishClose()
    {
        foreach (IActorRef closer in _closers)
        {
            closer.Tell(new VolumeClosed(Record.Name), Self);
        }

        Context.Stop(Self);
    }

    private sealed record OpenTick;

    private sealed record DeadlineTick;

    private sealed record CloseTick;
}
