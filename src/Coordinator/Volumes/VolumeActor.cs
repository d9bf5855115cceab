using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Disk;
using Replication.Actors.Supervision;
using Replication.Actors.Watch;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Owns one volume: raises its epoch, opens its children, judges those that fail, and keeps the record. What
/// it knows of its children is in <see cref="ChildTable"/>; clients' requests run through
/// <see cref="RequestDesk"/>.
/// </summary>
/// <remarks>
/// While a change of the record is under way no request is started, so a request's view of who is Synced is
/// that of the record at its start (P3 for a store that answers or fails the volume).
/// </remarks>
public sealed class VolumeActor : Actor
{
    private static readonly object OpenTimer = new();
    private static readonly object CloseTimer = new();

    private readonly VolumeSeams _seams;
    private readonly ChildTable _children;
    private readonly Queue<Judgement> _judgements = new();
    private readonly List<IActorRef> _awaiting = [];
    private readonly List<IActorRef> _closers = [];
    private VolumeEntry _entry;
    private RequestDesk? _desk;
    private VolumeView? _view;
    private bool _isOwner;
    private bool _childrenClosing;
    private Phase _phase = Phase.Opening;
    private string? _trouble;
    private VolumeCondition _published = VolumeCondition.Opening;
    private long _openingSince;
    private bool _changing;

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

    private RequestDesk Desk => _desk ??= new RequestDesk(Context, Record.SizeBytes, _seams.Settings);

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Publish(new VolumeExported(Record.Name, Record.SizeBytes, Self));
        BeginOpening();
    }

    /// <summary>
    /// However it ends, every client has its answer; running coordinators give theirs as they stop.
    /// </summary>
    protected override void PostStop()
    {
        Desk.FailAll(new RangeFailed(Errno.Shutdown, "the volume has stopped"));
        Context.System.EventStream.Publish(new VolumeWithdrawn(Record.Name, _trouble ?? "closed"));
    }

    /// <inheritdoc/>
    protected override void Receive(object message)
    {
        switch (message)
        {
            case RangeRequest request:
                Desk.TakeIn(request, Sender);
                break;
            case RequestEnded ended:
                OnEnded(ended);
                break;
            case JudgeChildren judge:
                Judge(judge.Faults, Sender);
                break;
            case TakeRepairStamp take:
                Sender.Tell(Desk.TakeRepairStamp(take.RequestId), Self);
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
                Desk.CheckDeadlines();
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

    // Opening (P9, P10): every life of the owner has an epoch of its own, and goes on with at least f
    // children.
    private void BeginOpening()
    {
        _phase = Phase.Opening;
        _view = null;
        _isOwner = false;
        Store(Record.WithEpochRaised(_seams.Owner), new RaiseEpoch());
    }

    private void OnEpochRaised()
    {
        _isOwner = true;
        Desk.BeginEpoch(Record.Epoch);
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
            Judge([slot.Fault(FaultKind.IncarnationLost, Errno.InputOutput, "the replica restarted")]);
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
        if (_changing || !_isOwner)
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
            _trouble =
                $"{open} of {Record.SyncedCount} children could be opened, {Record.FenceQuorum} are needed";
            Refresh();
            return;
        }

        Judge(_children.NotOpenFaults("could not be opened"));
    }

    private void Serve()
    {
        _phase = Phase.Serving;
        Refresh();
    }

    /// <summary>
    /// Works out anew what the volume can do, and tells everyone who waits for it. Idempotent.
    /// </summary>
    private void Refresh()
    {
        if (_phase == Phase.Serving && !_changing)
        {
            _view = _children.AllSyncedOpen ? _children.MakeView(Record) : null;
            _trouble = _view is null
                ? $"{_children.OpenSyncedCount} of {Record.SyncedCount} children in sync can be reached"
                : null;
        }

        PublishCondition();
        TellAwaiting();
        Desk.SetGate(CurrentGate());
        if (Desk.IsIdle && !_changing)
        {
            OnIdle();
        }
    }

    private Gate CurrentGate() => _phase switch
    {
        Phase.Failed => Refusal(Errno.InputOutput),
        Phase.Closing => new Gate.Refuse(new RangeFailed(Errno.Shutdown, "the volume is closing")),
        _ when _changing => new Gate.Hold(),
        Phase.Opening => _trouble is null ? new Gate.Hold() : Refusal(Errno.InputOutput),
        _ => _view is null ? Refusal(Errno.InputOutput) : new Gate.Serve(_view),
    };

    private Gate.Refuse Refusal(int errno) =>
        new(new RangeFailed(errno, _trouble ?? "the volume cannot serve"));

    private void OnIdle()
    {
        if (_phase == Phase.Closing && !_childrenClosing)
        {
            CloseChildren();
        }
        else if (_phase == Phase.Serving && Desk.WantsNewEpoch)
        {
            // The epoch's stamps are used up (P6): the owner raises its own epoch, with nothing under way.
            BeginOpening();
        }
    }

    private void OnEnded(RequestEnded ended)
    {
        LiveRequest live = Desk.OnEnded(ended);
        foreach (ChildNote note in ended.Notes)
        {
            _children.Find(note.ChildIndex)?.Count(note, live.Operation, Time.GetUtcNow());
        }

        if (ended.Faults.Count > 0)
        {
            Judge(ended.Faults);
        }
        else if (Desk.IsIdle && !_changing)
        {
            OnIdle();
        }
    }

    // Judging children (P13, P15): all that failed one request together, one change of the record at a time.
    private void OnTerminated(Terminated terminated)
    {
        ChildSlot? slot = _children.FindOpen(terminated.Actor);
        if (slot is not null && _phase != Phase.Closing)
        {
            string reason = terminated.ConnectionLost ? "the connection was lost" : "the replica stopped";
            Judge([slot.Fault(FaultKind.Out, Errno.ConnectionReset, reason)]);
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
                // Whatever else it was asked under that session has failed too; nobody waits for it any
                // longer.
                slot.SetNotOpen(ChildLink.Out, fault.Reason);
                Desk.TellRunning(new ChildLost(fault.ChildIndex, fault.Session, fault.Errno, fault.Reason));
            }
        }

        _judgements.Enqueue(new Judgement(faults, waiter));
        ProcessJudgements();
    }

    private void ProcessJudgements()
    {
        while (!_changing && _judgements.TryDequeue(out Judgement? next))
        {
            IReadOnlyList<ChildFault> synced =
                [.. next.Faults.Where(fault => _children.Find(fault.ChildIndex)!.IsSynced)];
            if (synced.Count == 0)
            {
                next.Waiter?.Tell(new ChildrenJudged(Recorded: true), Self);
            }
            else if (_phase != Phase.Failed
                && _children.OpenSyncedWithout(synced) >= Record.Options.Threshold)
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

        Refresh();
    }

    /// <summary>Too few would be left: nothing is recorded, and the request fails (P15).</summary>
    private void OnNotRecordable(IReadOnlyList<ChildFault> faults, IActorRef? waiter)
    {
        waiter?.Tell(new ChildrenJudged(Recorded: false), Self);
        if (faults.FirstOrDefault(static fault => fault.Kind == FaultKind.IncarnationLost) is { } lost
            && _phase != Phase.Failed)
        {
            ChildSlot slot = _children.Find(lost.ChildIndex)!;
            Fail($"{slot.NodeName} may have lost writes ({lost.Reason}) and too few others are in sync");
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

    // The record.
    private void Store(RecordChange change, RecordPurpose purpose)
    {
        if (change is not RecordChange.Allowed allowed)
        {
            Fail(((RecordChange.Refused)change).Reason);
            return;
        }

        _changing = true;
        Desk.SetGate(CurrentGate());
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
    }

    /// <summary>
    /// Nothing that relied on the change may be acknowledged: its outcome is unknown or it was refused (P3).
    /// </summary>
    private void OnStoreFailed(object? purpose, string reason)
    {
        _changing = false;
        Fail(reason);
        (purpose as RecordStale)?.Waiter?.Tell(new ChildrenJudged(Recorded: false), Self);
        ProcessJudgements();
    }

    private void OnChildStale(ChildSlot slot)
    {
        if (slot.Replica is not null)
        {
            Context.Unwatch(slot.Replica);
        }

        Context.System.EventStream.Publish(new ChildStateChanged(
            Time.GetUtcNow(),
            Record.Name,
            slot.Record.Name,
            slot.NodeName,
            slot.Record.State,
            slot.Reason ?? "failed"));
    }

    /// <summary>
    /// The volume stops until the gateway is restarted; nothing that waits is lost silently.
    /// </summary>
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
        ProcessJudgements();
    }

    // What others are told.
    private VolumeCondition Condition => _phase switch
    {
        Phase.Failed => VolumeCondition.Failed,
        Phase.Opening => _trouble is null ? VolumeCondition.Opening : VolumeCondition.Suspended,
        _ when _view is null => VolumeCondition.Suspended,
        _ when Record.SyncedCount < Record.Children.Length => VolumeCondition.Degraded,
        _ => VolumeCondition.Healthy,
    };

    private VolumeStatus Status() => new(
        Record.Name,
        Record.Id,
        Record.SizeBytes,
        Record.Options,
        Record.Epoch,
        Condition,
        _trouble ?? _children.Trouble(),
        Desk.UnreconciledBytes,
        _children.Statuses());

    private void PublishCondition()
    {
        VolumeCondition condition = Condition;
        if (condition != _published)
        {
            _published = condition;
            string reason = _trouble ?? _children.Trouble() ?? "every child is in sync";
            Context.System.EventStream.Publish(
                new VolumeConditionChanged(Time.GetUtcNow(), Record.Name, condition, reason));
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
        Refresh();
    }

    private void CloseChildren()
    {
        _childrenClosing = true;
        Context.Timers.StartSingle(CloseTimer, new CloseTick(), _seams.Settings.ChildTimeout);
        _children.CloseAll(Self);
        FinishCloseWhenDone();
    }

    private void FinishCloseWhenDone()
    {
        if (_childrenClosing && !_children.IsAnyClosing)
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

    private sealed record Judgement(IReadOnlyList<ChildFault> Faults, IActorRef? Waiter);

    private sealed record OpenTick;

    private sealed record CloseTick;
}
