using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Disk;
using Replication.Actors.Supervision;
using Replication.Actors.Watch;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Owns one volume: raises its epoch, opens its children, has those judged that fail, and keeps the record.
/// What it knows of its children is in <see cref="ChildTable"/>; clients' requests run through
/// <see cref="RequestDesk"/>; where it stands is in <see cref="VolumeState"/>.
/// </summary>
/// <remarks>
/// While a change of the record is under way no request is started, so a request's view of who is Synced is
/// that of the record at its start (P3 for a store that answers or fails the volume).
/// </remarks>
public sealed class VolumeActor : Actor
{
    private readonly VolumeSeams _seams;
    private readonly ChildTable _children;
    private readonly ChildJudge _judge;
    private readonly RecordKeeper _record;
    private readonly VolumeState _state = new();
    private RequestDesk? _desk;
    private VolumeHerald? _herald;
    private ChildOpening? _opening;
    private VolumeClosing? _closing;

    private VolumeActor(VolumeEntry entry, VolumeSeams seams)
    {
        _seams = seams;
        _children = new ChildTable(entry.Record, seams);
        _judge = new ChildJudge(_children);
        _record = new RecordKeeper(entry, seams.Records);
    }

    /// <summary>Failures of coordinators are theirs alone: they have told their client and end.</summary>
    protected override SupervisorStrategy SupervisorStrategy => SupervisorStrategy.Stopping;

    private VolumeRecord Record => _record.Record;

    private TimeProvider Time => Context.System.Options.Time;

    private RequestDesk Desk => _desk ??= new RequestDesk(Context, Record.SizeBytes, _seams.Settings);

    private ChildOpening Opening => _opening ??= new ChildOpening(Context, _children, _seams.Settings);

    private VolumeClosing Closing => _closing ??= new VolumeClosing(Context, _children, Record.Name);

    private VolumeHerald Herald => _herald ??= new VolumeHerald(Context);

    /// <summary>Props of a volume whose record was read from the store.</summary>
    public static Props Props(VolumeEntry entry, VolumeSeams seams) =>
        Actors.Props.Create(() => new VolumeActor(entry, seams));

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
        Context.System.EventStream.Publish(new VolumeWithdrawn(Record.Name, _state.Trouble ?? "closed"));
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
            case ChildRefused refused:
                StopWhenDeposed([refused.Fault]);
                break;
            case TakeRepairStamp take:
                Sender.Tell(Desk.TakeRepairStamp(take.RequestId), Self);
                break;
            case RecordStored stored:
                OnRecordStored(stored);
                break;
            case PipeFailed failed:
                _record.Abandon();
                OnNotStored(failed.Tag, $"the cluster store failed: {failed.Cause.Message}");
                break;
            case ReplicaOpened opened:
                OnOpened(opened);
                break;
            case ReplicaFailed failed:
                OnOpenOrCloseFailed(failed);
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
            default:
                ReceiveAdministration(message);
                break;
        }
    }

    private void ReceiveAdministration(object message)
    {
        switch (message)
        {
            case QueryVolume:
                Sender.Tell(Status(), Self);
                break;
            case AwaitOpening:
                Herald.Await(Sender, Status());
                break;
            case CloseVolume:
                OnClose();
                break;
            case ReplicaDone done:
                Closing.OnClosed(done.Tag);
                break;
            case CloseTick:
                Closing.Finish();
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
        _state.Open();
        Opening.Suspend();
        Store(Record.WithEpochRaised(_seams.Owner), new RaiseEpoch());
    }

    private void OnEpochRaised()
    {
        // It may have been told to close meanwhile: what was not opened needs no closing.
        if (_state.IsOpening)
        {
            Desk.BeginEpoch(Record.Epoch);
            Opening.Begin(Record);
        }
    }

    private void OnOpenTick()
    {
        if (_state.IsOver || _record.IsChanging)
        {
            return;
        }

        if (_children.AllSyncedOpen)
        {
            Opening.Stop();
            return;
        }

        Opening.Attempt(Record);
        if (_state.IsServing)
        {
            // Since the last tick enough may have come back for the others to be recorded.
            Judge(_children.NotOpenFaults("is still out"));
        }
        else if (Opening.HasWaited && Opening.ShortageOf(Record) is { } shortage)
        {
            _state.HoldUpOpening(shortage);
            Refresh();
        }
        else if (Opening.HasWaited)
        {
            Judge(_children.NotOpenFaults("could not be opened"));
        }
    }

    private void OnOpened(ReplicaOpened opened)
    {
        if (_state.IsOver || Opening.TakeOpened(opened, Sender, Record) is not { } taken)
        {
            return;
        }

        if (taken.IsAnotherLife)
        {
            Judge([taken.Child.Fault(FaultKind.IncarnationLost, Errno.InputOutput, "the replica restarted")]);
        }
        else
        {
            ServeWhenOpen();
            ProcessJudgements();
        }
    }

    /// <summary>Those that lack are given up by the tick alone: one that answers rarely comes alone.</summary>
    private void ServeWhenOpen()
    {
        if (_state.IsOpening && Opening.IsOwner && !_record.IsChanging && _children.AllSyncedOpen)
        {
            _state.BeginServing();
        }
    }

    private void OnOpenOrCloseFailed(ReplicaFailed failed)
    {
        ChildSlot? slot = _children.FindAttempt(failed.Tag);
        if (slot is null)
        {
            Closing.OnClosed(failed.Tag);
            return;
        }

        slot.SetAttemptFailed(failed.Reason);
        if (failed.Refusal is ReplicaRefusal.StaleEpoch or ReplicaRefusal.StaleSerial)
        {
            Fail($"{slot.NodeName} refuses this owner: {failed.Reason}");
        }
    }

    /// <summary>
    /// Works out anew what the volume can do, and tells everyone who waits for it. Idempotent.
    /// </summary>
    private void Refresh()
    {
        if (_state.IsServing && !_record.IsChanging)
        {
            int reached = _children.OpenSyncedCount;
            bool canServe = _children.AllSyncedOpen && reached >= Record.Options.Threshold;
            _state.Serve(
                canServe ? _children.MakeView(Record) : null,
                canServe ? null : $"{reached} of {Record.SyncedCount} children in sync can be reached");
        }

        if (!_state.IsClosing)
        {
            Herald.Announce(Status());
        }

        Desk.SetGate(_state.GateWhile(_record.IsChanging));
        OnIdleWhenIdle();
    }

    private void OnIdleWhenIdle()
    {
        if (!Desk.IsIdle || _record.IsChanging)
        {
            return;
        }

        if (_state.IsClosing && !Closing.IsUnderWay)
        {
            Closing.CloseChildren(_seams.Settings.ChildTimeout);
        }
        else if (_state.IsServing && Desk.WantsNewEpoch)
        {
            // The epoch's stamps are used up (P6): the owner raises its own epoch, with nothing under way.
            BeginOpening();
        }
    }

    private void OnEnded(RequestEnded ended)
    {
        if (ended.Faults.Count > 0)
        {
            // What its lock held back must not be started on a view that has these children in it (P13).
            TakeOut(ended.Faults);
            Desk.SetGate(new Gate.Hold());
        }

        LiveRequest live = Desk.OnEnded(ended);
        foreach (ChildNote note in ended.Notes)
        {
            _children.Find(note.ChildIndex)?.Count(note, live.Operation, Time.GetUtcNow());
        }

        if (ended.Faults.Count > 0)
        {
            Judge(ended.Faults);
        }
        else
        {
            OnIdleWhenIdle();
        }
    }

    // Children that fail.
    private void OnTerminated(Terminated terminated)
    {
        ChildSlot? slot = _children.FindOpen(terminated.Actor);
        if (slot is null)
        {
            return;
        }

        string reason = terminated.ConnectionLost ? "the connection was lost" : "the replica stopped";
        if (Closing.IsUnderWay)
        {
            Closing.OnLost(slot, reason);
        }
        else
        {
            Judge([slot.Fault(FaultKind.Out, Errno.ConnectionReset, reason)]);
        }
    }

    private void Judge(IReadOnlyList<ChildFault> faults, IActorRef? waiter = null)
    {
        StopWhenDeposed(faults);
        TakeOut(faults);
        _judge.Enqueue(faults, waiter);
        ProcessJudgements();
    }

    private void StopWhenDeposed(IReadOnlyList<ChildFault> faults)
    {
        if (faults.FirstOrDefault(_judge.IsDeposed) is { } fault)
        {
            string name = _children.Find(fault.ChildIndex)!.NodeName;
            Fail($"{name} has accepted another owner: {fault.Reason}");
        }
    }

    /// <summary>Whatever the children were asked has failed; nobody waits for them any longer.</summary>
    private void TakeOut(IReadOnlyList<ChildFault> faults)
    {
        foreach (ChildLost lost in _judge.TakeOut(faults))
        {
            Desk.TellRunning(lost);
        }
    }

    private void ProcessJudgements()
    {
        while (!_record.IsChanging && _judge.TakeNext(Self) is { } next)
        {
            bool isRecordable = !_state.IsFailed
                && _children.OpenSyncedWithout(next.Faults) >= Record.Options.Threshold;
            if (isRecordable)
            {
                Store(ChildJudge.Stale(Record, next), new RecordStale(next));
                return;
            }

            OnNotRecordable(next);
        }

        Refresh();
    }

    /// <summary>Too few would be left: nothing is recorded, and the request fails (P15).</summary>
    private void OnNotRecordable(Judgement judgement)
    {
        judgement.Tell(recorded: false, Self);
        if (judgement.Faults.FirstOrDefault(static fault => fault.Kind == FaultKind.IncarnationLost) is { } lost)
        {
            string name = _children.Find(lost.ChildIndex)!.NodeName;
            Fail($"{name} may have lost writes ({lost.Reason}) and too few others are in sync");
        }
        else if (!_state.IsOver && !_children.AllSyncedOpen)
        {
            Opening.KeepTrying();
        }
    }

    // The record.
    private void Store(RecordChange change, RecordPurpose purpose)
    {
        if (_record.Begin(change, purpose, Self) is { } refusal)
        {
            OnNotStored(purpose, refusal);
        }
        else
        {
            Desk.SetGate(_state.GateWhile(isChanging: true));
        }
    }

    private void OnRecordStored(RecordStored stored)
    {
        if (!_record.TryFinish(stored.Change))
        {
            OnNotStored(stored.Purpose, "the volume's record was changed by somebody else");
            return;
        }

        if (stored.Purpose is RecordStale stale)
        {
            OnRecordedStale(stale.Judgement);
        }
        else
        {
            OnEpochRaised();
        }

        ServeWhenOpen();
        ProcessJudgements();
    }

    private void OnRecordedStale(Judgement judgement)
    {
        foreach (ChildSlot slot in _children.Apply(Record, judgement.Faults, Time.GetUtcNow()))
        {
            if (slot.Replica is not null)
            {
                Context.Unwatch(slot.Replica);
            }

            // It counts for nothing any more: nobody waits for what else it was asked.
            ChildFault fault = judgement.Faults.First(one => one.ChildIndex == slot.Record.Index);
            Desk.TellRunning(new ChildLost(fault.ChildIndex, fault.Session, fault.Errno, fault.Reason));
            Herald.AnnounceState(Record.Name, slot);
        }

        judgement.Tell(recorded: true, Self);
    }

    /// <summary>
    /// Nothing that relied on the change may be acknowledged: its outcome is unknown or it was refused (P3).
    /// </summary>
    private void OnNotStored(object? purpose, string reason)
    {
        Fail(reason);
        (purpose as RecordStale)?.Judgement.Tell(recorded: false, Self);
        ProcessJudgements();
    }

    /// <summary>
    /// The volume stops until the gateway is restarted; nothing that waits is lost silently.
    /// </summary>
    private void Fail(string reason)
    {
        if (_state.IsOver)
        {
            return;
        }

        _state.Fail(reason);
        Opening.Stop();
        Context.System.Log.Error($"volume {Record.Name}", reason);
        ProcessJudgements();
    }

    private VolumeStatus Status() => new(
        Record.Name,
        Record.Id,
        Record.SizeBytes,
        Record.Options,
        Record.Epoch,
        _state.ConditionOf(Record),
        _state.Trouble ?? _children.Trouble(),
        Desk.UnreconciledBytes,
        _children.Statuses());

    private void OnClose()
    {
        Closing.Add(Sender);
        if (!_state.IsClosing)
        {
            _state.Close();
            Opening.Stop();
            Refresh();
        }
    }
}
