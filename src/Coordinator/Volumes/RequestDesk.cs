using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Coordinator.Locking;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Takes a volume's requests in, has them wait for their locks, starts a coordinator for each, and settles
/// what it leaves behind: stamps, and ranges to be reconciled. Whether requests run is the volume's to say,
/// by its gate. Runs within the volume's actor.
/// </summary>
/// <param name="volume">The volume's context.</param>
/// <param name="sizeBytes">The volume's size.</param>
/// <param name="settings">Times and limits.</param>
/// <param name="onReconciled">Called whenever the last range to be reconciled has been (P17).</param>
internal sealed class RequestDesk(
    IActorContext volume, long sizeBytes, VolumeSettings settings, Action onReconciled)
{
    private static readonly object DeadlineTimer = new();

    private readonly RequestTable _requests = new();
    private readonly RangeSet _unreconciled = new();
    private readonly Queue<(RangeRequest Request, IActorRef Client)> _held = new();
    private readonly Queue<LiveRequest> _granted = new();

    // One for each target that is waiting to be resynced: bounded by the children.
    private readonly Queue<(long Start, Action Action)> _afterRunning = new();
    private StampClock _stamps = new(1);
    private ulong _checkpointMax = ulong.MaxValue;
    private Gate _gate = new Gate.Hold();

    /// <summary>True when no coordinator runs, and none is started before the gate changes.</summary>
    internal bool IsIdle => _requests.StartedCount == 0 && (_granted.Count == 0 || _gate is Gate.Hold);

    /// <summary>
    /// True when the epoch's stamps are used up: nothing new is taken in until the epoch is raised (P6).
    /// </summary>
    internal bool WantsNewEpoch => _stamps.IsExhausted;

    /// <summary>True when nothing is to be reconciled (P17).</summary>
    internal bool IsReconciled => _unreconciled.IsEmpty;

    /// <summary>Bytes to be reconciled (P17).</summary>
    internal long UnreconciledBytes => _unreconciled.LengthBytes;

    /// <summary>
    /// Everything stamped up to it is on every Synced child (P16); 0 while what a takeover left is to be
    /// reconciled.
    /// </summary>
    internal ulong Checkpoint => Math.Min(_stamps.Checkpoint, _checkpointMax);

    /// <summary>
    /// It stays below a write that failed until its range is written again: replicas keep the range in mind,
    /// for whoever takes the volume over (P17).
    /// </summary>
    private ulong LowWater => _checkpointMax == 0 ? 0 : Checkpoint + 1;

    private TimeProvider Time => volume.System.Options.Time;

    /// <summary>Stamps count anew; nothing is under way.</summary>
    /// <param name="epoch">The owner's new one.</param>
    /// <param name="toReconcile">What the takeover found (P17); it comes on top of what there is.</param>
    /// <param name="hotZones">Zones that are hot on the children (P7).</param>
    internal void BeginEpoch(uint epoch, RangeSet toReconcile, long hotZones)
    {
        _stamps = new StampClock(epoch, settings.EpochStampsMax);
        _unreconciled.AddAll(toReconcile);
        _checkpointMax = _unreconciled.IsEmpty ? ulong.MaxValue : 0;
        _ = hotZones;
    }

    /// <summary>
    /// Calls back once every request that runs now has ended; at once when none does.
    /// </summary>
    internal void AfterRunning(Action action)
    {
        if (_requests.StartedCount == 0)
        {
            action();
        }
        else
        {
            _afterRunning.Enqueue((_requests.LastStart, action));
        }
    }

    /// <summary>Lets requests run, wait or fail from now on, those that waited first.</summary>
    internal void SetGate(Gate gate)
    {
        _gate = gate;
        StartGranted();
        while (_gate is not Gate.Hold && !WantsNewEpoch
            && _held.TryDequeue(out (RangeRequest Request, IActorRef Client) held))
        {
            TakeIn(held.Request, held.Client);
        }
    }

    /// <summary>A client asks.</summary>
    internal void TakeIn(RangeRequest request, IActorRef client)
    {
        if (_gate is Gate.Refuse refuse)
        {
            Refuse(request, client, refuse.Failure);
        }
        else if (InvalidityOf(request) is { } invalid)
        {
            Refuse(request, client, invalid);
        }
        else if (_gate is Gate.Hold || WantsNewEpoch)
        {
            _held.Enqueue((request, client));
        }
        else if (_requests.Admit(request, client, out LiveRequest live))
        {
            _granted.Enqueue(live);
            StartGranted();
        }
    }

    /// <summary>A repair asks for its stamp.</summary>
    internal RepairStamp TakeRepairStamp(long requestId)
    {
        LiveRequest live = Find(requestId);
        ulong lowWater = LowWater;
        live.RepairStamp = _stamps.Take();
        return new RepairStamp(live.RepairStamp, lowWater);
    }

    /// <summary>A request is over: what it leaves behind is settled, and what it held back goes on.</summary>
    internal LiveRequest OnEnded(RequestEnded ended)
    {
        LiveRequest live = Find(ended.RequestId);
        bool wasReconciled = IsReconciled;
        Settle(live, ended.Applied);
        Release(live);
        StartGranted();
        CallThoseWaiting();
        if (IsReconciled && !wasReconciled)
        {
            onReconciled();
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
            default:
                throw new InvalidOperationException($"no such tick: {tick}");
        }
    }

    /// <summary>Lets coordinators that have run for child-timeout look at what they wait for.</summary>
    private void CheckDeadlines()
    {
        if (_requests.StartedCount == 0)
        {
            volume.Timers.Cancel(DeadlineTimer);
            return;
        }

        long now = Time.GetTimestamp();
        _requests.TellOlderThan(settings.ChildTimeout, Time, now, new CheckDeadline(now));
    }

    /// <summary>The volume's actor ends: every client that no coordinator answers gets this.</summary>
    internal void FailAll(RangeFailed failure)
    {
        while (_held.TryDequeue(out (RangeRequest Request, IActorRef Client) held))
        {
            Refuse(held.Request, held.Client, failure);
        }

        foreach (LiveRequest live in _requests.NotStarted)
        {
            Refuse(live.Request, live.Client, failure);
        }
    }

    private RangeFailed? InvalidityOf(RangeRequest request)
    {
        (long offset, long length) = LiveRequest.RangeOf(request);
        if (request is ReadRange or WriteRange && length > RequestLimits.LengthMaxBytes)
        {
            return new RangeFailed(
                Errno.Invalid, $"one request reads or writes at most {RequestLimits.LengthMaxBytes} bytes");
        }

        bool outside = offset < 0 || length <= 0 || length > sizeBytes || offset > sizeBytes - length;
        if (request is not FlushVolume && outside)
        {
            return new RangeFailed(Errno.Invalid, $"the range is outside the volume's {sizeBytes} bytes");
        }

        return _requests.Count + _held.Count >= settings.RequestsMax
            ? new RangeFailed(Errno.NoMemory, $"{settings.RequestsMax} requests are under way")
            : null;
    }

    /// <summary>
    /// Starts what no lock stands in the way of. One that fails at once grants others: a loop, no recursion.
    /// </summary>
    private void StartGranted()
    {
        while (_gate is not Gate.Hold && _granted.TryDequeue(out LiveRequest? live))
        {
            Start(live);
        }
    }

    private void Start(LiveRequest live)
    {
        (long offset, long length) = live.Range;
        switch (_gate)
        {
            case Gate.Refuse refuse:
                GiveUp(live, refuse.Failure);
                break;
            case Gate.Serve when !live.ChangesData && live.Lock is not null
                && _unreconciled.Overlaps(offset, length):
                GiveUp(live, new RangeFailed(
                    Errno.InputOutput, "an earlier write of this range failed: it is to be written again"));
                break;
            case Gate.Serve serve:
                _requests.MarkStarted(live, Time.GetTimestamp());
                RequestFrame frame = new(live.Id, serve.View, volume.Self, live.Client, sizeBytes);
                live.Coordinator = volume.ActorOf(PropsFor(live, frame));
                if (!volume.Timers.IsActive(DeadlineTimer))
                {
                    volume.Timers.StartPeriodic(
                        DeadlineTimer, new DeadlineTick(), settings.ChildTimeout / 10);
                }

                break;
            default:
                throw new InvalidOperationException($"no such gate: {_gate}");
        }
    }

    private Props PropsFor(LiveRequest live, RequestFrame frame)
    {
        switch (live.Request)
        {
            case ReadRange read:
                return Props.Create(() => new ReadCoordinator(frame, read));
            case WriteRange write:
                WriteStamp writeStamp = TakeStamp(live);
                return Props.Create(() => new WriteCoordinator(frame, write, writeStamp));
            case ZeroRange zero:
                WriteStamp zeroStamp = TakeStamp(live);
                return Props.Create(() => new ZeroCoordinator(frame, zero, zeroStamp));
            case FlushVolume:
                ulong checkpoint = Checkpoint;
                return Props.Create(() => new FlushCoordinator(frame, checkpoint, withTargets: false));
            case QueryRangeExtents query:
                return Props.Create(() => new ExtentsCoordinator(frame, query));
            default:
                throw new InvalidOperationException($"no coordinator for {live.Request.GetType().Name}");
        }
    }

    private WriteStamp TakeStamp(LiveRequest live)
    {
        ulong lowWater = LowWater;
        live.Stamp = _stamps.Take();
        return new WriteStamp(live.Stamp, lowWater);
    }

    private void Settle(LiveRequest live, bool applied)
    {
        (long offset, long length) = live.Range;
        if (live.Stamp != 0)
        {
            _stamps.Complete(live.Stamp);
            if (applied)
            {
                _unreconciled.Remove(offset, length);
                _checkpointMax = _unreconciled.IsEmpty ? ulong.MaxValue : _checkpointMax;
            }
            else
            {
                // The checkpoint does not pass what is to be reconciled (P16).
                _unreconciled.Add(offset, length);
                _checkpointMax = Math.Min(_checkpointMax, live.Stamp - 1);
            }
        }

        if (live.RepairStamp != 0)
        {
            _stamps.Complete(live.RepairStamp);
        }
    }

    private void CallThoseWaiting()
    {
        while (_afterRunning.TryPeek(out (long Start, Action Action) next)
            && next.Start < _requests.OldestStart)
        {
            _afterRunning.Dequeue().Action();
        }
    }

    private void GiveUp(LiveRequest live, RangeFailed failure)
    {
        Refuse(live.Request, live.Client, failure);
        Release(live);
    }

    private void Release(LiveRequest live)
    {
        foreach (RangeLock next in _requests.Remove(live))
        {
            _granted.Enqueue((LiveRequest)next.Owner!);
        }
    }

    private void Refuse(RangeRequest request, IActorRef client, RangeFailed refusal)
    {
        LiveRequest.Drop(request);
        client.Tell(refusal, volume.Self);
    }

    private LiveRequest Find(long requestId) => _requests.Find(requestId)
        ?? throw new InvalidOperationException($"request {requestId} is not under way");
}

/// <summary>Time for the desk to look at something.</summary>
internal abstract record DeskTick;

/// <summary>Time to look at the deadlines of running requests.</summary>
internal sealed record DeadlineTick : DeskTick;
