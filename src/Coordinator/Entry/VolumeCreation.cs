using System.Collections.Immutable;
using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.Messages;

namespace Replication.Coordinator.Entry;

/// <summary>
/// Makes one volume: first its record, whose epoch 0 says that nobody has ever owned it, then the files of
/// every replica. A gateway that finds such a record at its start goes on with it: nothing can have been
/// written, so what an interrupted creation left on the nodes is moved to their trash and made anew. A node
/// that knows of an owner all the same says that the store is older than the data (P4): it keeps the files,
/// and the volume is neither made nor taken apart. A node that is late is waited for: an interrupted creation
/// was promised to somebody, and only a deletion ends it.
/// </summary>
internal sealed class VolumeCreation : Actor
{
    private const int PositionBits = 8;
    private const int PositionMask = (1 << PositionBits) - 1;
    private const int StepCount = 3;

    /// <summary>Tries that are told apart by the tags of their requests.</summary>
    private const int TriesMax = 1 << 20;

    private static readonly object TimeoutTimer = new();
    private static readonly object RetryTimer = new();

    /// <summary>The first pause between two tries of an interrupted creation; the next is double.</summary>
    private static readonly TimeSpan RetryDelayMin = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause.</summary>
    private static readonly TimeSpan RetryDelayMax = TimeSpan.FromSeconds(30);

    private readonly VolumeRecord _record;
    private readonly VolumeSeams _seams;
    private readonly ImmutableArray<string> _nodes;
    private readonly IActorRef _gateway;
    private readonly HashSet<int> _owing;
    private readonly bool _isInterrupted;

    // By position: what an earlier try of this creation has made stays.
    private readonly SortedSet<int> _made = [];
    private TimeSpan _retryDelay = RetryDelayMin;
    private string? _delayedBy;
    private bool _mayWait;
    private int _tries;
    private VolumeEntry? _entry;
    private Step _step;
    private string? _trouble;
    private string? _older;

    /// <param name="record">A new volume's record.</param>
    /// <param name="entry">Where the store has it, for an interrupted creation; null for a new one.</param>
    /// <param name="seams">Store and nodes.</param>
    /// <param name="nodes">The nodes that there are.</param>
    /// <param name="gateway">Who is told of the outcome.</param>
    internal VolumeCreation(
        VolumeRecord record,
        VolumeEntry? entry,
        VolumeSeams seams,
        ImmutableArray<string> nodes,
        IActorRef gateway)
    {
        _record = record;
        _entry = entry;
        _isInterrupted = entry is not null;
        _mayWait = _isInterrupted;
        _seams = seams;
        _nodes = nodes;
        _gateway = gateway;
        _owing = new HashSet<int>(record.Children.Length);
    }

    private enum Step
    {
        Recording,
        Clearing,
        Making,
    }

    protected override void PreStart()
    {
        if (_entry is null)
        {
            _seams.Records.CreateAsync(_record).PipeTo(Self);
        }
        else
        {
            ListLeft();
        }
    }

    protected override void Receive(object message)
    {
        switch (message)
        {
            case VolumeChange.Written written:
                _entry = written.Entry;
                ListLeft();
                break;
            case VolumeChange:
                Refuse("a volume of that name was made meanwhile", isRecorded: false);
                break;
            case LeftReplicaList left:
                RemoveLeft(left);
                break;
            case ReplicasRemoved:
                OnLeftRemoved();
                break;
            case PipeFailed failed:
                // Also where the outcome is unknown (P3): the record may stand.
                Refuse($"the cluster store failed: {failed.Cause.Message}", isRecorded: true);
                break;
            case ReplicaReply reply when _owing.Remove(reply.Tag):
                OnReply(reply);
                break;
            case ReplicaReply:
                // It comes after its step was given up.
                break;
            case TimedOut:
                OnTimedOut();
                break;
            case TryAgain:
                _tries = (_tries + 1) % TriesMax;
                ListLeft();
                break;
            case WaitNoLonger:
                OnWaitNoLonger();
                break;
            case QueryVolume:
                Sender.Tell(Status(), Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>
    /// A deleted volume of the same name may have left files in the way. Now that the record of this name is
    /// another volume's, they are nobody's.
    /// </summary>
    private void ListLeft() => _seams.Records.Left.ListAsync(_record.Name).PipeTo(Self);

    private void RemoveLeft(LeftReplicaList left)
    {
        LeftReplicaEntry[] inTheWay =
        [
            .. left.Entries.Where(entry => entry.Replica.Identity.VolumeId != _record.Id
                && _record.Children.Any(child => child.Node == entry.Replica.Node)),
        ];
        if (inTheWay.Length == 0)
        {
            OnLeftRemoved();
            return;
        }

        IActorRef self = Self;
        Context.ActorOf(Props.Create(() => new ReplicaRemoval(inTheWay, _seams, _nodes, self)));
    }

    /// <summary>What still is in the way is noticed by the making.</summary>
    private void OnLeftRemoved()
    {
        if (_isInterrupted)
        {
            AskMissing(Step.Clearing, position => new RemoveReplica(
                TagOf(position), IdentityOf(position), _record.Serial, _record.Epoch));
        }
        else
        {
            Make();
        }
    }

    private void Make() => AskMissing(
        Step.Making, position => new CreateReplica(TagOf(position), IdentityOf(position)));

    private void OnReply(ReplicaReply reply)
    {
        VolumeChild child = _record.Children[reply.Tag & PositionMask];
        if (reply is ReplicaFailed { Refusal: ReplicaRefusal.StaleSerial or ReplicaRefusal.StaleEpoch } newer)
        {
            _older ??= $"{child.NodeNameIn(_record.Name)} refuses this owner: {newer.Reason}";
        }
        else if (reply is ReplicaFailed failed && _step == Step.Making)
        {
            // What cannot be cleared is noticed by the making, if it is in the way at all.
            _trouble ??= $"node {child.Node}: {failed.Reason}";
        }
        else if (_step == Step.Making)
        {
            _made.Add(reply.Tag & PositionMask);
        }

        ProceedWhenComplete();
    }

    private void OnTimedOut()
    {
        // Nothing is made before every node has said what it knows of the volume.
        string silent = string.Join(
            ", ", _owing.Order().Select(tag => _record.Children[tag & PositionMask].Node));
        _trouble ??= _isInterrupted
            ? $"waiting for {silent}"
            : $"no answer within {_seams.Settings.ChildTimeout.TotalSeconds:0.###} s from {silent}";
        _owing.Clear();
        ProceedWhenComplete();
    }

    private void ProceedWhenComplete()
    {
        if (_owing.Count > 0)
        {
            return;
        }

        Context.Timers.Cancel(TimeoutTimer);
        switch (_step)
        {
            case Step.Clearing when _older is not null:
                Finish(new StoreIsOlder(_entry!, _older));
                break;
            case Step.Clearing when _trouble is null:
                Make();
                break;
            case Step.Making when _trouble is null:
                Finish(new Succeeded(_entry!));
                break;
            default:
                Refuse(_trouble!, isRecorded: true);
                break;
        }
    }

    private void AskMissing(Step step, Func<int, object> ask)
    {
        _step = step;
        for (int position = 0; position < _record.Children.Length; position++)
        {
            if (_made.Contains(position))
            {
                continue;
            }

            _owing.Add(TagOf(position));
            _seams.StorageOf(_record.Children[position].Node).Tell(ask(position), Self);
        }

        Context.Timers.StartSingle(TimeoutTimer, new TimedOut(), _seams.Settings.ChildTimeout);
    }

    /// <summary>An answer to an earlier step, given up meanwhile, is not taken for one to this.</summary>
    private int TagOf(int position) => (((_tries * StepCount) + (int)_step) << PositionBits) | position;

    private void Refuse(string reason, bool isRecorded)
    {
        if (_mayWait)
        {
            Wait(reason);
        }
        else
        {
            Finish(new Refused(_record.Name, reason, isRecorded ? _record.Id : null));
        }
    }

    private void Wait(string reason)
    {
        if (reason != _delayedBy)
        {
            Context.System.Log.Warning($"volume {_record.Name}", $"being made: {reason}");
        }

        _delayedBy = reason;
        _trouble = null;
        Context.Timers.StartSingle(RetryTimer, new TryAgain(), _retryDelay);
        _retryDelay = TimeSpan.FromTicks(Math.Min(2 * _retryDelay.Ticks, RetryDelayMax.Ticks));
        _gateway.Tell(new Delayed(Status()), Self);
    }

    /// <summary>A try that runs is the last one.</summary>
    private void OnWaitNoLonger()
    {
        _mayWait = false;
        if (Context.Timers.IsActive(RetryTimer))
        {
            Context.Timers.Cancel(RetryTimer);
            Refuse($"being made: {_delayedBy}", isRecorded: true);
        }
    }

    private VolumeStatus Status() => new(
        _record.Name,
        _record.Id,
        _record.SizeBytes,
        _record.Options,
        _record.Epoch,
        _delayedBy is null ? VolumeCondition.Opening : VolumeCondition.Suspended,
        _delayedBy is null ? "being made" : $"being made: {_delayedBy}",
        UnreconciledBytes: 0,
        [.. _record.Children.Select(ChildStatusOf)])
    {
        Exports = _record.Exports,
    };

    private ChildStatus ChildStatusOf(VolumeChild child, int position) => new(
        child.Name,
        child.Node,
        child.NodeNameIn(_record.Name),
        child.State,
        ChildLink.Closed,
        Since: null,
        _made.Contains(position) ? null : "not made yet",
        LastLostVote: null,
        new ChildCounters(0, 0, 0, 0, 0));

    private void Finish(object outcome)
    {
        _gateway.Tell(outcome, Self);
        Context.Stop(Self);
    }

    private ReplicaIdentity IdentityOf(int position) =>
        new(_record.Name, _record.Id, _record.Children[position].ReplicaId, _record.SizeBytes);

    /// <summary>The volume exists.</summary>
    internal sealed record Succeeded(VolumeEntry Entry);

    /// <summary>It was owned and may have been written: the record is an old one (P4).</summary>
    /// <param name="Entry">The record, which stays as it is.</param>
    /// <param name="Reason">Which replica knows better, and what.</param>
    internal sealed record StoreIsOlder(VolumeEntry Entry, string Reason);

    /// <summary>It does not, for this reason.</summary>
    /// <param name="Name">The volume's name.</param>
    /// <param name="Reason">In a sentence.</param>
    /// <param name="RecordedAs">
    /// The volume's id where its record stands, or may: that and files there may be are to go. Null where the
    /// record is not its own, or was never written.
    /// </param>
    internal sealed record Refused(string Name, string Reason, Guid? RecordedAs);

    /// <summary>It is not made yet and goes on trying: somebody is waited for.</summary>
    internal sealed record Delayed(VolumeStatus Status);

    /// <summary>To a creation: what is tried now is the last try, for it is to end.</summary>
    internal sealed record WaitNoLonger;

    private sealed record TimedOut;

    private sealed record TryAgain;
}
