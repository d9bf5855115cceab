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

    // Made in PreStart: there is no context before.
    private RequestDesk _desk = null!;
    private VolumeHerald _herald = null!;
    private ChildOpening _opening = null!;
    private VolumeClosing _closing = null!;

    private VolumeActor(VolumeEntry entry, VolumeSeams seams)
    {
        _seams = seams;
        _children = new ChildTable(entry.Record, seams);
        _record = new RecordKeeper(entry, seams.Records);
        _judge = new ChildJudge(_children, _record);
    }

    /// <summary>Failures of coordinators are theirs alone: they have told their client and end.</summary>
    protected override SupervisorStrategy SupervisorStrategy => SupervisorStrategy.Stopping;

    private VolumeRecord Record => _record.Record;

    /// <summary>Props of a volume whose record was read from the store.</summary>
    public static Props Props(VolumeEntry entry, VolumeSeams seams) =>
        Actors.Props.Create(() => new VolumeActor(entry, seams));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        _desk = new RequestDesk(Context, Record.SizeBytes, _seams.Settings, static () => { });
        _herald = new VolumeHerald(Context);
        _opening = new ChildOpening(Context, _children, _seams.Settings);
        _closing = new VolumeClosing(Context, _children, Record.Name);
        Context.System.EventStream.Publish(new VolumeExported(Record.Name, Record.SizeBytes, Self));
        BeginOpening();
    }

    /// <summary>All have their answers then; running coordinators give theirs as they stop.</summary>
    protected override void PostStop()
    {
        _desk.FailAll(new RangeFailed(Errno.Shutdown, "the volume has stopped"));
        _herald.Dismiss("the volume has stopped");
        Context.System.EventStream.Publish(new VolumeWithdrawn(Record.Name, _state.Trouble ?? "closed"));
    }

    /// <inheritdoc/>
    protected override void Receive(object message)
    {
        switch (message)
        {
            case RangeRequest request:
                _desk.TakeIn(request, Sender);
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
                Sender.Tell(_desk.TakeRepairStamp(take.RequestId), Self);
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
            case DeskTick tick:
                _desk.OnTick(tick);
                break;
            case QueryVolume:
                Sender.Tell(Status(), Self);
                break;
            case AwaitOpening:
                _herald.Await(Sender, Status());
                break;
            case CloseVolume:
                OnClose();
                break;
            case ReplicaDone done:
                _closing.OnClosed(done.Tag);
                break;
            case CloseTick:
                _closing.Finish();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Each life of the owner has its own epoch (P9) and needs at least f children (P10).</summary>
    private void BeginOpening()
    {
        _state.Open();
        _opening.Suspend();
        if (_record.Begin(Record.WithEpochRaised(_seams.Owner), new RaiseEpoch(), Self) is { } refusal)
        {
            Fail(refusal);
        }

        Refresh();
    }

    private void OnEpochRaised()
    {
        // It may have been told to close meanwhile: what was not opened needs no closing.
        if (_state.IsOpening)
        {
            _desk.BeginEpoch(Record.Epoch, new RangeSet(), hotZones: 0);
            _opening.Begin(Record);
        }
    }

    private void OnOpenTick()
    {
        if (_state.IsOver || _record.IsChanging)
        {
            return;
        }

        _opening.Attempt(Record);
        if (_children.AllSyncedOpen)
        {
            _opening.Stop();
        }
        else if (_state.IsServing)
        {
            // Since the last tick enough may have come back for the others to be recorded.
            Judge(_children.NotOpenFaults("is still out"));
        }
        else if (_opening.HasWaited)
        {
            GoOnWithThoseOpen();
        }
    }

    private void GoOnWithThoseOpen()
    {
        if (_opening.ShortageOf(Record) is { } shortage)
        {
            _state.HoldUpOpening(shortage);
            Refresh();
        }
        else
        {
            Judge(_children.NotOpenFaults("could not be opened"));
        }
    }

    private void OnOpened(ReplicaOpened opened)
    {
        if (_state.IsOver || _opening.TakeOpened(opened, Sender, Record) is not { } taken)
        {
            return;
        }

        if (taken.IsAnotherLife)
        {
            Judge([taken.Child.Fault(FaultKind.IncarnationLost, Errno.InputOutput, "the replica restarted")]);
        }
        else
        {
            ProcessJudgements();
        }
    }

    private void OnOpenOrCloseFailed(ReplicaFailed failed)
    {
        ChildSlot? slot = _children.FindAttempt(failed.Tag);
        if (slot is null)
        {
            _closing.OnClosed(failed.Tag);
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
            _state.Serve(_children, Record);
        }

        if (!_state.IsClosing)
        {
            _herald.Announce(Status());
        }

        _desk.SetGate(_state.GateWhile(_record.IsChanging));
        ProceedWhenIdle();
    }

    private void ProceedWhenIdle()
    {
        if (!_desk.IsIdle || _record.IsChanging)
        {
            return;
        }

        if (_state.IsClosing && !_closing.IsUnderWay)
        {
            _closing.CloseChildren(_seams.Settings.ChildTimeout);
        }
        else if (_state.IsServing && _desk.WantsNewEpoch)
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
            _desk.TellRunning(_judge.TakeOut(ended.Faults));
            _desk.SetGate(new Gate.Hold());
        }

        LiveRequest live = _desk.OnEnded(ended);
        _children.Count(ended.Notes, live.Operation, Context.System.Options.Time.GetUtcNow());
        if (ended.Faults.Count > 0)
        {
            Judge(ended.Faults);
        }
        else
        {
            ProceedWhenIdle();
        }
    }

    private void OnTerminated(Terminated terminated)
    {
        ChildSlot? slot = _children.FindOpen(terminated.Actor);
        if (slot is null)
        {
            return;
        }

        string reason = terminated.ConnectionLost ? "the connection was lost" : "the replica stopped";
        if (_closing.IsUnderWay)
        {
            _closing.OnLost(slot, reason);
        }
        else
        {
            Judge([slot.Fault(FaultKind.Out, Errno.ConnectionReset, reason)]);
        }
    }

    private void Judge(IReadOnlyList<ChildFault> faults, IActorRef? waiter = null)
    {
        StopWhenDeposed(faults);
        _desk.TellRunning(_judge.TakeOut(faults));
        _judge.Enqueue(faults, waiter);
        ProcessJudgements();
    }

    private void StopWhenDeposed(IReadOnlyList<ChildFault> faults)
    {
        if (_judge.DeposerAmong(faults) is { } reason)
        {
            Fail(reason);
        }
    }

    private void ProcessJudgements()
    {
        while (_judge.Process(mayRecord: !_state.IsFailed, Self) is { } reason)
        {
            Stop(reason);
        }

        if (_state.IsOpening && _opening.IsOwner && !_record.IsChanging && _children.AllSyncedOpen)
        {
            // Children that lack are given up by the tick alone: one that answers rarely comes alone.
            _state.BeginServing();
        }
        else if (_state.IsServing && !_record.IsChanging && !_children.AllSyncedOpen)
        {
            _opening.KeepTrying();
        }

        Refresh();
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
            _desk.TellRunning(_judge.OnRecorded(stale.Judgement, Context, _herald));
            stale.Judgement.Tell(recorded: true, Self);
        }
        else
        {
            OnEpochRaised();
        }

        ProcessJudgements();
    }

    /// <summary>
    /// Nothing that relied on the change may be acknowledged: its outcome is unknown or it was refused (P3).
    /// </summary>
    private void OnNotStored(object? purpose, string reason)
    {
        Stop(reason);
        (purpose as RecordStale)?.Judgement.Tell(recorded: false, Self);
        ProcessJudgements();
    }

    /// <summary>
    /// The volume stops until the gateway is restarted; nothing that waits is lost silently.
    /// </summary>
    private void Fail(string reason)
    {
        Stop(reason);
        ProcessJudgements();
    }

    private void Stop(string reason)
    {
        if (!_state.IsOver)
        {
            _state.Fail(reason);
            _opening.Stop();
            Context.System.Log.Error($"volume {Record.Name}", reason);
        }
    }

    private VolumeStatus Status() => _state.StatusOf(Record, _children, _desk.UnreconciledBytes);

    private void OnClose()
    {
        _closing.Add(Sender);
        _state.Close();
        _opening.Stop();
        Refresh();
    }
}
