using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Coordinator.Events;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>
/// What the coordinators have in common: one short-lived actor for one request. It answers its client exactly
/// once, tells the volume when it is over, and reports what children did. A bug in it fails this request
/// alone, with EIO.
/// </summary>
internal abstract class RequestCoordinator(RequestFrame frame) : Actor
{
    /// <summary>The unit of ranges in events, as QEMU has it.</summary>
    internal const int SectorBytes = 512;

    private readonly long[] _askedAt = new long[frame.View.PositionCount];
    private List<ChildFault>? _faults;
    private List<ChildNote>? _notes;
    private List<ChildFault>? _judged;
    private ChildLost?[]? _lost;
    private RangeFailed? _failure;
    private long _answeredAt;
    private bool _ended;

    /// <summary>The volume as it was when the request began.</summary>
    internal VolumeView View { get; } = frame.View;

    internal long RequestId { get; } = frame.RequestId;

    protected long VolumeSizeBytes => frame.SizeBytes;

    internal bool IsAnswered { get; private set; }

    /// <summary>The range of the request, for events.</summary>
    protected abstract (long OffsetBytes, long LengthBytes) Range { get; }

    /// <summary>The kind of request, for events.</summary>
    protected abstract QuorumOperation Operation { get; }

    /// <summary>
    /// Who is asked: the children alone, or the targets behind them as well.
    /// </summary>
    protected virtual int PositionCount => View.Children.Length;

    /// <summary>False from the first send of a write on until every Synced child has it.</summary>
    protected virtual bool IsApplied => true;

    /// <summary>A read failed for want of a winner; the volume hears of it at the end.</summary>
    protected bool FoundNoWinner { get; set; }

    protected DateTimeOffset Now => Context.System.Options.Time.GetUtcNow();

    protected sealed override void PreStart() => Guarded(Begin);

    protected sealed override void Receive(object message) => Guarded(() => Dispatch(message));

    /// <summary>However it ends, its client has an answer and its buffers are returned.</summary>
    protected sealed override void PostStop()
    {
        if (!IsAnswered)
        {
            Answer(new RangeFailed(Errno.InputOutput, "the volume stopped during the request"));
        }

        if (!_ended)
        {
            _ended = true;
            OnEnding();
        }
    }

    /// <summary>Sends the first requests.</summary>
    protected abstract void Begin();

    /// <summary>A child has answered.</summary>
    protected abstract void OnReply(ReplicaReply reply);

    /// <summary>A child is out: everything it still owes has failed with this errno.</summary>
    protected abstract void OnChildGone(int position, int errno, string reason);

    /// <summary>True while the child at this position owes an answer.</summary>
    protected abstract bool Owes(int position);

    /// <summary>Messages other than replies, losses and deadlines.</summary>
    protected virtual void OnOther(object message) => Unhandled(message);

    /// <summary>
    /// Asks a child; its deadline counts from here. One that is out is asked nothing under its lost session
    /// (P13): what it would owe has failed, as the coordinator hears with its next message.
    /// </summary>
    internal void Ask(int position, ReplicaRequest request)
    {
        AwaitFrom(position);
        if (_lost?[position] is { } lost)
        {
            (request as WriteReplica)?.Payload.Release();
            Self.Tell(lost);
            return;
        }

        request.RequestNumber = (ulong)RequestId;
        View.At(position).Replica.Tell(request, Self);
    }

    /// <summary>A child owes something that is not asked yet: its deadline counts from here.</summary>
    protected void AwaitFrom(int position) =>
        _askedAt[position] = Context.System.Options.Time.GetTimestamp();

    internal void Answer(RangeReply reply)
    {
        if (IsAnswered)
        {
            throw new InvalidOperationException("a request is answered once");
        }

        IsAnswered = true;
        _failure = reply as RangeFailed;
        _answeredAt = Context.System.Options.Time.GetTimestamp();
        frame.Client.Tell(reply);
    }

    protected void TellVolume(object message) => frame.Volume.Tell(message, Self);

    /// <summary>The last act: nothing may be owed or held any more.</summary>
    internal void End()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        try
        {
            OnEnding();
        }
        finally
        {
            // Without it the request's lock would be held for ever.
            IReadOnlyList<ChildFault> faults = _faults ?? (IReadOnlyList<ChildFault>)[];
            IReadOnlyList<ChildNote> notes = _notes ?? (IReadOnlyList<ChildNote>)[];
            TellVolume(new RequestEnded(RequestId, IsApplied, faults, notes)
            {
                Judged = _judged ?? (IReadOnlyList<ChildFault>)[],
                AnsweredAt = _answeredAt,
                Failure = _failure,
                FoundNoWinner = FoundNoWinner,
            });
            Context.Stop(Self);
        }
    }

    /// <summary>Gives back what the request holds; called once, at the end, also after a bug.</summary>
    protected virtual void OnEnding()
    {
    }

    /// <summary>
    /// Keeps a child's fault for the judgement: one a child, the gravest. That another owner is there is told
    /// at once (P11).
    /// </summary>
    internal void AddFault(int position, FaultKind kind, int errno, string reason)
    {
        ChildView child = View.At(position);
        ChildFault fault = new(child.Index, child.Ticket.Session, kind, errno, reason);
        _faults ??= [];
        int known = _faults.FindIndex(other => other.ChildIndex == fault.ChildIndex);
        if (known < 0)
        {
            _faults.Add(fault);
        }
        else if (_faults[known].Kind < kind)
        {
            _faults[known] = fault;
        }

        if (kind == FaultKind.Refused)
        {
            TellVolume(new ChildRefused(fault));
        }
    }

    protected bool IsTarget(int position) => position >= View.Children.Length;

    /// <summary>
    /// The children's faults, to have them judged; those of targets stay for the end, since nothing waits
    /// for a judgement of them.
    /// </summary>
    protected IReadOnlyList<ChildFault> TakeFaultsOfChildren()
    {
        if (_faults is null)
        {
            return [];
        }

        ILookup<bool, ChildFault> ofTargets = _faults.ToLookup(
            fault => View.Targets.Any(target => target.Index == fault.ChildIndex));
        _faults = [.. ofTargets[true]];
        _judged = [.. ofTargets[false]];
        return _judged;
    }

    protected void Note(ChildNote note) => (_notes ??= []).Add(note);

    /// <summary>The fault that a refusal stands for, if it is more than a failed operation.</summary>
    internal static FaultKind? FaultOf(ReplicaFailed failed) => failed.Refusal switch
    {
        ReplicaRefusal.SyncFailed or ReplicaRefusal.WrongIncarnation => FaultKind.IncarnationLost,
        ReplicaRefusal.StaleEpoch => FaultKind.Refused,
        ReplicaRefusal.DiskError => null,
        _ => FaultKind.Out,
    };

    protected void ReportBad(QuorumOperation operation, int position, int errno)
    {
        (long sector, long count) = operation == QuorumOperation.Flush ? (0, 0) : Sectors(Range);
        string? error = errno == 0 ? null : Errno.Text(errno);
        Publish(new QuorumReportBad(Now, operation, error, View.At(position).NodeName, sector, count));
    }

    protected void ReportFailure()
    {
        (long sector, long count) = Sectors(Range);
        Publish(new QuorumFailure(Now, View.VolumeName, sector, count));
    }

    protected void ReportRepaired(int position, long offsetBytes, long lengthBytes)
    {
        (long sector, long count) = Sectors((offsetBytes, lengthBytes));
        Publish(new RangeRepaired(Now, View.At(position).NodeName, sector, count));
    }

    private void Publish(VolumeEvent published) => Context.System.EventStream.Publish(published);

    /// <summary>A range in sectors, rounded outward.</summary>
    protected static (long First, long Count) Sectors((long OffsetBytes, long LengthBytes) range)
    {
        long first = range.OffsetBytes / SectorBytes;
        long end = (range.OffsetBytes + range.LengthBytes + SectorBytes - 1) / SectorBytes;
        return (first, end - first);
    }

    private void Dispatch(object message)
    {
        switch (message)
        {
            case ReplicaReply reply when RequestTag.PositionOf(reply) >= PositionCount:
                (reply as ReplicaRead)?.Data?.Release();
                Unhandled(reply);
                break;
            case ReplicaReply reply:
                OnReply(reply);
                break;
            case ChildLost lost:
                OnLost(lost);
                break;
            case CheckDeadline check:
                CheckOwed(check.Now);
                break;
            default:
                OnOther(message);
                break;
        }
    }

    private void OnLost(ChildLost lost)
    {
        for (int position = 0; position < PositionCount; position++)
        {
            ChildView child = View.At(position);
            if (child.Index == lost.ChildIndex && child.Ticket.Session == lost.Session)
            {
                GiveUp(position, lost);
                return;
            }
        }
    }

    private void CheckOwed(long now)
    {
        for (int position = 0; position < PositionCount && !_ended; position++)
        {
            TimeSpan waited = Context.System.Options.Time.GetElapsedTime(_askedAt[position], now);
            if (waited >= View.Settings.ChildTimeout && Owes(position))
            {
                ChildView child = View.At(position);
                GiveUp(position, new ChildLost(
                    child.Index, child.Ticket.Session, Errno.TimedOut, View.Settings.LateReason));
            }
        }
    }

    private void GiveUp(int position, ChildLost lost)
    {
        (_lost ??= new ChildLost?[PositionCount])[position] = lost;
        if (Owes(position))
        {
            OnChildGone(position, lost.Errno, lost.Reason);
        }
    }

    private void Guarded(Action step)
    {
        try
        {
            step();
        }
        catch
        {
            if (!IsAnswered)
            {
                Answer(new RangeFailed(Errno.InputOutput, "the request's coordinator failed"));
            }

            End();
            throw;
        }
    }
}
