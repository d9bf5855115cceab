using Replication.Actors;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Resync;

/// <summary>
/// Copies to one child what it missed (P20). Lists the regions that are later than its clean, page by page,
/// and has the volume copy each under its lock, several at a time. Lives as long as the target's session.
/// </summary>
/// <remarks>
/// Every request that runs on a view without the target has ended before the job begins: what is written from
/// then on reaches the target by itself, so that a page that was listed once is listed for good.
/// </remarks>
internal sealed class ResyncJob : Actor
{
    /// <summary>Between a copy that failed and the next ones.</summary>
    internal static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Regions known for each lane, while which no further page is listed.</summary>
    private const int PlentyPerLane = 4;

    private static readonly TimeSpan MoveInterval = TimeSpan.FromSeconds(1);
    private static readonly object MoveTimer = new();
    private static readonly object ListTimer = new();
    private static readonly object PaceTimer = new();

    private readonly ResyncAssignment _assignment;
    private readonly Queue<RegionStamp> _toDo = new();
    private readonly RegionLister _lister;
    private readonly ResyncMeter _meter = new();
    private readonly CopyPace _pace;
    private int _inFlight;
    private long _begunAt;

    private ResyncJob(ResyncAssignment assignment)
    {
        _assignment = assignment;
        _lister = new RegionLister(assignment);
        _pace = new CopyPace(assignment.Settings.ResyncRateMax);
    }

    /// <summary>The time since the job began.</summary>
    private TimeSpan Elapsed => Context.System.Options.Time.GetElapsedTime(_begunAt);

    /// <summary>Enough regions are known to keep all lanes busy while the next page is listed.</summary>
    private bool HasPlenty => _toDo.Count >= PlentyPerLane * _assignment.Settings.ResyncInFlight;

    private ResyncProgress Progress => 
        _meter.At(Elapsed, LengthOf(_toDo.Count + _inFlight), _lister.IsDone);

    internal static Props Props(ResyncAssignment assignment) =>
        Actors.Props.Create(() => new ResyncJob(assignment));

    protected override void PreStart()
    {
        _begunAt = Context.System.Options.Time.GetTimestamp();
        Context.Timers.StartPeriodic(MoveTimer, new MoveTick(), MoveInterval);
        GoOn();
    }

    protected override void Receive(object message)
    {
        switch (message)
        {
            case ReplicaReply reply:
                OnListed(_lister.Take(reply));
                break;
            case LaneDone done:
                OnLaneDone(done);
                break;
            case ListTick:
                OnListed(_lister.GiveUpWaiting());
                break;
            case PaceTick:
                GoOn();
                break;
            case MoveTick:
                Tell(new ResyncMoved(_assignment.ChildIndex, _assignment.Target.Ticket.Session, Progress));
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Starts whatever may be started now, and ends the job when nothing is left.</summary>
    private void GoOn()
    {
        if (!_lister.IsListing && !_lister.IsDone && !HasPlenty)
        {
            _lister.AskNext(Self);
            Context.Timers.StartSingle(ListTimer, new ListTick(), _assignment.Settings.ChildTimeout);
        }

        while (_toDo.Count > 0 && _inFlight < _assignment.Settings.ResyncInFlight)
        {
            TimeSpan wait = _pace.WaitBeforeNext(Elapsed, _inFlight);
            if (wait > TimeSpan.Zero)
            {
                if (wait < TimeSpan.MaxValue)
                {
                    Context.Timers.StartSingle(PaceTimer, new PaceTick(), wait);
                }

                return;
            }

            Send(_toDo.Dequeue());
        }

        if (_lister.IsDone && _toDo.Count == 0 && _inFlight == 0)
        {
            Tell(new ResyncDone(_assignment.ChildIndex, _assignment.Target.Ticket.Session, Progress));
            Context.Stop(Self);
        }
    }

    private void Send(RegionStamp region)
    {
        _inFlight++;
        long offset = region.Region * RequestLimits.RegionLengthBytes;
        int length = (int)Math.Min(RequestLimits.RegionLengthBytes, _assignment.SizeBytes - offset);
        CopyRegion copy = new(
            region.Region,
            length,
            region.Stamp,
            _assignment.ChildIndex,
            _assignment.Target.Ticket.Session);
        _assignment.Volume.Tell(copy, new Lane(Self, region));
    }

    private void OnListed(RegionLister.Outcome outcome)
    {
        switch (outcome)
        {
            case RegionLister.Outcome.Page page:
                Context.Timers.Cancel(ListTimer);
                foreach (RegionStamp region in page.Regions)
                {
                    _toDo.Enqueue(region);
                }

                GoOn();
                break;
            case RegionLister.Outcome.Failed failed:
                Fail(failed.Reason);
                break;
            default:
                break;
        }
    }

    private void OnLaneDone(LaneDone done)
    {
        _inFlight--;
        switch (done.Reply)
        {
            case RegionCopied copied:
                _meter.Add(LengthOf(1), copied.CopiedBytes);
                _pace.OnCopied(Elapsed, copied, _inFlight);
                GoOn();
                break;
            case RegionNotCopied not:
                Fail(not.Reason);
                break;
            default:
                // The volume is suspended, or a child that is copied from went out: the view will change.
                _toDo.Enqueue(done.Region);
                _pace.Pause(Elapsed, RetryDelay);
                GoOn();
                break;
        }
    }

    private static long LengthOf(int regions) => (long)regions * RequestLimits.RegionLengthBytes;

    private void Fail(string reason)
    {
        Tell(new ResyncFailed(_assignment.ChildIndex, _assignment.Target.Ticket.Session, reason));
        Context.Stop(Self);
    }

    private void Tell(object message) => _assignment.Volume.Tell(message, Self);

    /// <summary>Waits for the answer to one copy, to have the job know whose it is.</summary>
    private sealed class Lane(IActorRef job, RegionStamp region) : CallbackRef
    {
        protected override void OnMessage(object message, IActorRef? sender) =>
            job.Tell(new LaneDone(region, (RangeReply)message));
    }

    private sealed record LaneDone(RegionStamp Region, RangeReply Reply);

    private sealed record ListTick;

    private sealed record PaceTick;

    private sealed record MoveTick;
}
