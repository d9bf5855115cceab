using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Actors.Disk;
using Replication.Actors.Supervision;
using Replication.Actors.Watch;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Observing;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Resync;
using Replication.Coordinator.Volumes.Takeovers;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Owns one volume: has its parts open the children, judge those that fail, keep the record, and bring back
/// in sync what missed writes. What it knows of its children is in <see cref="ChildTable"/>; clients'
/// requests run through <see cref="RequestDesk"/>; where it stands is in <see cref="VolumeState"/>.
/// </summary>
/// <remarks>
/// While a change of the record is under way no request is started, so a request's view of who is Synced is
/// that of the record at its start (P3 for a store that answers or fails the volume). Handlers only take in
/// what happened; what follows from it is worked out once, at the end of the message.
/// </remarks>
public sealed class VolumeActor : Actor
{
    private readonly VolumeSeams _seams;
    private readonly string? _refusal;
    private readonly TagSource _tags = new();
    private readonly ChildTable _children;
    private readonly RecordKeeper _record;
    private readonly VolumeState _state = new();

    // Made in PreStart: there is no context before.
    private ChildJudge _judge = null!;
    private RequestDesk _desk = null!;
    private VolumeHerald _herald = null!;
    private ReplicaCalls _calls = null!;
    private ResyncKeeper _resyncs = null!;
    private RecordChanges _changes = null!;
    private ChildOpening _opening = null!;
    private Takeover _takeover = null!;
    private ChildNews _news = null!;
    private Promotion _promotion = null!;
    private BadBlockKeeper _badBlocks = null!;
    private Membership _membership = null!;
    private AdminCommands _commands = null!;
    private VolumeCourse _course = null!;
    private VolumeParts _parts = null!;
    private VolumeClosing _closing = null!;

    private VolumeActor(VolumeEntry entry, VolumeSeams seams, string? refusal)
    {
        _seams = seams;
        _refusal = refusal;
        _children = new ChildTable(entry.Record, seams, _tags);
        _record = new RecordKeeper(entry, seams.Records);
    }

    /// <summary>Failures of coordinators are theirs alone: they have told their client and end.</summary>
    protected override SupervisorStrategy SupervisorStrategy => SupervisorStrategy.Stopping;

    private VolumeRecord Record => _record.Record;

    /// <summary>Props of a volume whose record was read from the store.</summary>
    /// <param name="entry">The record.</param>
    /// <param name="seams">Store, nodes and settings.</param>
    /// <param name="refusal">
    /// Why it has failed before it was opened, which then is not tried; null: nothing speaks against it.
    /// </param>
    public static Props Props(VolumeEntry entry, VolumeSeams seams, string? refusal = null) =>
        Actors.Props.Create(() => new VolumeActor(entry, seams, refusal));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        VolumeSettings settings = _seams.Settings;
        _judge = new ChildJudge(_children, _record, Context.System.Options.Time);
        _desk = new RequestDesk(
            Context,
            Record.SizeBytes,
            settings,
            () => Self.Tell(new VolumeReconciled(), Self),
            new RequestReporter(_seams.Observer, Record, _children, Context.System.Options.Time));
        _herald = new VolumeHerald(Context, _state);
        _calls = new ReplicaCalls(Context, settings, _tags);
        _resyncs = new ResyncKeeper(Context, _children, _seams);
        _opening = new ChildOpening(Context, _children, _state, settings);
        _closing = new VolumeClosing(Context, _children, Record.Name);
        VolumeParts parts = _parts = new()
        {
            Context = Context,
            Seams = _seams,
            Tags = _tags,
            Children = _children,
            Keeper = _record,
            State = _state,
            Desk = _desk,
            Herald = _herald,
            Calls = _calls,
            Resyncs = _resyncs,
            Judges = _judge,
            Opening = _opening,
            Closing = _closing,
            Judge = faults => Judge(faults),
            TakeOut = TakeOut,
            Stop = Stop,
        };
        _changes = parts.Changes = new RecordChanges(parts);
        _takeover = new Takeover(parts, _opening);
        _news = new ChildNews(parts, _takeover);
        _promotion = new Promotion(parts, _takeover);
        _badBlocks = new BadBlockKeeper(parts);
        _membership = new Membership(parts);
        parts.Blkverify = new BlkverifyStop(parts);
        _commands = new AdminCommands(_membership, new ExportChanges(parts), parts.Blkverify);
        _course = new VolumeCourse(parts, _takeover, _promotion, _badBlocks, _membership, _commands);
        _herald.Offer(Record);
        if (_refusal is null)
        {
            _takeover.Begin();
        }
        else
        {
            Stop(_refusal);
        }

        _course.Proceed();
    }

    /// <summary>All have their answers then; running coordinators give theirs as they stop.</summary>
    protected override void PostStop()
    {
        _desk.FailAll(new RangeFailed(Errno.Shutdown, "the volume has stopped"));
        _commands.RefuseAll("the volume has stopped");
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
                return;
            case RequestEnded ended:
                OnEnded(ended);
                return;
            case TakeRepairStamp take:
                Sender.Tell(_desk.TakeRepairStamp(take.RequestId), Self);
                return;
            case DeskTick tick:
                _desk.OnTick(tick);
                return;
            case ResyncMoved moved:
                _resyncs.OnMoved(moved);
                return;
            case QueryVolume:
                Sender.Tell(_parts.Status, Self);
                return;
            case AwaitOpening:
                _herald.Await(Sender, _parts.Status);
                return;
        }

        ReceiveChange(message);
        _course.Proceed();
    }

    /// <summary>Messages after which the volume may have something else to do than before.</summary>
    private void ReceiveChange(object message)
    {
        _course.MarkChanged();
        switch (message)
        {
            case JudgeChildren judge:
                Judge(judge.Faults, Sender);
                break;
            case ChildRefused refused:
                StopWhenDeposed([refused.Fault]);
                break;
            case RecordStored stored:
                _changes.OnStored(stored);
                break;
            case LeftFilesStep step:
                _membership.OnStep(step);
                break;
            case PipeFailed failed when _membership.OnStoreFailed(failed):
                break;
            case PipeFailed failed:
                _changes.OnStoreFailed(failed);
                break;
            case ReplicaOpened opened:
                _news.OnOpened(opened, Sender);
                break;
            case ReplicaReply reply:
                OnReply(reply);
                break;
            case Terminated terminated:
                _news.OnTerminated(terminated);
                break;
            case BlocksWithoutWinner bad:
                _badBlocks.Add(bad.Blocks);
                break;
            case ClearBadBlocks clear:
                _badBlocks.Remove(clear.Blocks, Sender);
                break;
            case ChildrenDiffer found:
                _parts.Blkverify.OnFound(found, Sender);
                break;
            case ResyncDone done:
                _resyncs.OnDone(done);
                break;
            case ResyncFailed failed:
                Judge(_resyncs.OnFailed(failed) is { } fault ? [fault] : []);
                break;
            case AddChild or RemoveChild or AddExport or RemoveExport or ReopenVolume:
                _commands.TakeIn(message, Sender);
                break;
            case CloseVolume:
                OnClose();
                break;
            default:
                ReceiveTick(message);
                break;
        }
    }

    private void ReceiveTick(object message)
    {
        switch (message)
        {
            case PatienceTick:
                _course.Proceed();
                break;
            case OpenTick:
                _news.OnOpenTick();
                break;
            case CallTick:
                _calls.CheckDeadlines();
                break;
            case PromotionTick:
                _promotion.OnTick();
                break;
            case MembershipTick:
                _membership.OnTick();
                break;
            case CloseTick:
                _closing.Finish();
                break;
            case VolumeReconciled:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnReply(ReplicaReply reply)
    {
        if (_calls.OnReply(reply) || _membership.OnReply(reply))
        {
            return;
        }

        if (_children.FindAttempt(reply.Tag) is not { } slot)
        {
            _closing.OnClosed(reply.Tag);
        }
        else if (_opening.OnNotOpened(slot, reply, Record) is { } reason)
        {
            Stop(reason);
        }
    }

    private void OnEnded(RequestEnded ended)
    {
        if (ended.Faults.Count > 0)
        {
            // What its lock held back must not be started on a view that has these children in it (P13).
            TakeOut(ended.Faults);
            _desk.SetGate(new Gate.Hold());
        }

        LiveRequest live = _desk.OnEnded(ended);
        _children.Count(ended.Notes, live.Operation, Context.System.Options.Time.GetUtcNow());
        if (ended.FoundNoWinner)
        {
            _state.CountReadWithoutWinner(live.Range, _parts.Now);
        }

        if (ended.Faults.Count > 0)
        {
            Judge(ended.Faults);
            _course.Proceed();
        }
        else
        {
            _course.OnEnded();
        }
    }

    /// <summary>Children failed: they are out at once; what is recorded of them is decided soon.</summary>
    private void Judge(IReadOnlyList<ChildFault> faults, IActorRef? waiter = null)
    {
        TakeOut(faults);
        _judge.Enqueue(faults, waiter);
        _course.MarkChanged();
    }

    private void TakeOut(IReadOnlyList<ChildFault> faults)
    {
        StopWhenDeposed(faults);
        foreach (ChildLost lost in _judge.TakeOut(faults))
        {
            _resyncs.Stop(lost.ChildIndex, lost.Reason);
            _desk.TellRunning([lost]);
            _calls.OnLost(lost);
        }
    }

    private void StopWhenDeposed(IReadOnlyList<ChildFault> faults)
    {
        if (_judge.DeposerAmong(faults) is { } reason)
        {
            Stop(reason);
        }
    }

    /// <summary>
    /// The volume stops until the gateway is restarted; nothing that waits is lost silently.
    /// </summary>
    private void Stop(string reason)
    {
        _course.MarkChanged();
        if (_state.IsOver)
        {
            return;
        }

        _state.Fail(reason);
        _opening.Stop();
        _promotion.Abandon();
        _resyncs.StopAll(reason);
        _commands.RefuseAll(reason);
        Context.System.Log.Error($"volume {Record.Name}", reason);
    }

    private void OnClose()
    {
        _closing.Add(Sender);
        _state.Close();
        _opening.Stop();
        _promotion.Abandon();
        _resyncs.StopAll("the volume is closing");
        _commands.RefuseAll("the volume is closing");
    }
}
