using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Volumes.Takeovers;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// A child as its owner knows it: what is recorded, and what only this life of the gateway knows.
/// </summary>
internal sealed class ChildSlot(VolumeChild record, string volumeName)
{
    private const int QuickAttempts = 3;

    /// <summary>The longest rest of a target that keeps failing: this many child-timeouts.</summary>
    private const int RestMaxTimeouts = 2;

    /// <summary>The rest is doubled no more often: far beyond the longest, and within a TimeSpan.</summary>
    private const int RestDoublingsMax = 16;

    private long _attemptedAt;
    private int _attempts;
    private int _setbacks;
    private long _setBackAt;
    private bool _isLacking;
    private ReplicaOpened? _opened;
    private long _votesLost;
    private long _repairs;
    private long _readErrors;
    private long _writeErrors;
    private long _flushErrors;
    private DateTimeOffset? _since;
    private DateTimeOffset? _lastLostVote;
    private ChildView? _view;

    internal VolumeChild Record { get; private set; } = record;

    internal string NodeName { get; } = record.NodeNameIn(volumeName);

    internal ChildLink Link { get; private set; } = ChildLink.Closed;

    internal string? Reason { get; private set; }

    /// <summary>The session that the child is, or was last, open under; 0 before the first.</summary>
    internal uint Session => _view?.Ticket.Session ?? 0;

    internal IActorRef? Replica => _view?.Replica;

    /// <summary>
    /// The incarnation under which this owner knows the child to have every write, by its own set of what is
    /// to be reconciled; 0 when none. Kept through epochs (P12).
    /// </summary>
    internal ulong Trusted { get; private set; }

    /// <summary>What a takeover makes of the child.</summary>
    internal ChildStanding Standing =>
        !IsOpen ? (_isLacking ? ChildStanding.Lacking : ChildStanding.NotOpen)
        : KnowsEverything ? ChildStanding.Continuous
        : ChildStanding.Forgetful;

    /// <summary>True when the incarnation that is open has kept every write (P9).</summary>
    internal bool KnowsEverything => Opened.Continuous || IsTrusted;

    /// <summary>True when the incarnation that is open is the one that this owner has relied on.</summary>
    internal bool IsTrusted => Opened.Incarnation == Trusted;

    /// <summary>What the child answered to its last opening.</summary>
    internal ReplicaOpened Opened =>
        _opened ?? throw new InvalidOperationException($"{NodeName} was never opened");

    /// <summary>The serial of the record that its sidecar holds (P4).</summary>
    internal long CopiedSerial { get; set; }

    /// <summary>True once it was told under this session that its opening is settled (P9).</summary>
    internal bool IsSettled { get; set; }

    /// <summary>How far its resync is; null while none runs.</summary>
    internal ResyncProgress? Resync { get; set; }

    /// <summary>Why it is not promoted, though everything may be copied to it; null when it may be.</summary>
    internal string? Obstacle { get; set; }

    /// <summary>
    /// The tag of the newest attempt to open the child; answers to older ones count for nothing.
    /// </summary>
    internal int AttemptTag { get; private set; }

    internal uint AttemptSession { get; private set; }

    /// <summary>What the newest attempt opens it as.</summary>
    internal ReplicaRole AttemptRole { get; private set; }

    /// <summary>Open, to be copied to; it does not vote.</summary>
    internal bool IsTarget => IsOpen && !IsSynced && AttemptRole != ReplicaRole.Holder;

    internal bool IsSynced => Record.State == ChildState.Synced;

    internal bool IsOpen => Link == ChildLink.Open;

    private string? ReasonNow => Obstacle ?? Reason;

    internal ChildView View => _view ?? throw new InvalidOperationException($"{NodeName} was never opened");

    /// <summary>Starts an attempt under a session above all earlier ones.</summary>
    internal void BeginAttempt(int tag, ReplicaRole role, long now)
    {
        AttemptTag = tag;
        AttemptRole = role;
        AttemptSession++;
        _attemptedAt = now;
        _attempts++;
    }

    /// <summary>
    /// True when another attempt may take the place of the one under way, whose answer then counts for
    /// nothing. The first few are quick, for a node that is just starting; each one after them gets twice
    /// the time, up to child-timeout, so that a slow node is not asked anew for ever (I8).
    /// </summary>
    internal bool MayAttempt(VolumeSettings settings, TimeProvider time, long now)
    {
        if (_setbacks > 0 && time.GetElapsedTime(_setBackAt, now) < RestAfter(settings))
        {
            return false;
        }

        if (_attempts == 0)
        {
            return true;
        }

        TimeSpan patience = settings.OpenRetry * Math.Pow(2, Math.Max(0, _attempts - QuickAttempts));
        TimeSpan limit = patience < settings.ChildTimeout ? patience : settings.ChildTimeout;
        return time.GetElapsedTime(_attemptedAt, now) >= limit;
    }

    /// <summary>The replica refused to open: it may be asked again with the next tick.</summary>
    internal void SetAttemptFailed(string reason)
    {
        _attempts = 0;
        Reason = reason;
    }

    internal void SetOpen(IActorRef replica, ReplicaTicket ticket, ReplicaOpened opened)
    {
        _view = new ChildView(Record.Index, NodeName, replica, ticket);
        _opened = opened;
        _isLacking = false;
        CopiedSerial = opened.Serial;
        IsSettled = false;
        Link = ChildLink.Open;
        Reason = IsSynced ? null : Reason;
        _attempts = 0;
    }

    /// <summary>What is on its way counts for nothing: the child is to be opened as another role.</summary>
    internal void CancelAttempt()
    {
        AttemptTag = 0;
        _attempts = 0;
    }

    /// <summary>It answered that it lost its data: as a holder it is of no use (P5).</summary>
    internal void SetLacking()
    {
        SetAttemptFailed("it lost its sidecar or a part of its raw file");
        _isLacking = true;
    }

    internal void SetNotOpen(ChildLink link, string reason)
    {
        Link = link;
        Reason = reason;
    }

    /// <summary>
    /// It failed as a target: it is left alone for a while, twice as long each time, so that one that keeps
    /// failing takes nothing from the others.
    /// </summary>
    internal void SetBack(long now)
    {
        _setbacks++;
        _setBackAt = now;
    }

    /// <summary>It has every write from here on, as long as this incarnation lives.</summary>
    internal void Trust()
    {
        Trusted = View.Ticket.Incarnation;
        _setbacks = 0;
        Reason = null;
    }

    /// <summary>Its incarnation is over, whatever it answers to its next opening (P12).</summary>
    internal void Distrust() => Trusted = 0;

    /// <summary>A new epoch begins: the sessions of the old one are void, and none is used again.</summary>
    internal void Reset()
    {
        AttemptTag = 0;
        _attempts = 0;
        _setbacks = 0;
        _isLacking = false;
        Link = ChildLink.Closed;
    }

    internal void SetRecorded(VolumeChild record, string reason, DateTimeOffset now)
    {
        if (record.State != Record.State)
        {
            _since = now;
            Reason = reason;
            _isLacking = false;
            _attempts = 0;
            if (record.State == ChildState.Synced)
            {
                Reason = null;
                Resync = null;
            }
            else
            {
                // What is on its way was asked of a child that is something else now.
                AttemptTag = 0;
                Trusted = 0;
            }
        }

        Record = record;
    }

    internal void Count(ChildNote note, QuorumOperation operation, DateTimeOffset now)
    {
        _votesLost += note.VotesLost;
        _repairs += note.Repairs;
        _writeErrors += note.RepairErrors;
        if (note.VotesLost > 0)
        {
            _lastLostVote = now;
        }

        switch (operation)
        {
            case QuorumOperation.Read:
                _readErrors += note.Errors;
                break;
            case QuorumOperation.Write:
                _writeErrors += note.Errors;
                break;
            default:
                _flushErrors += note.Errors;
                break;
        }
    }

    internal ChildFault Fault(FaultKind kind, int errno, string reason) =>
        new(Record.Index, Session, kind, errno, reason);

    /// <summary>What is wrong with a child that is not Synced and open, in words.</summary>
    internal string Trouble() => IsSynced
        ? $"{NodeName} cannot be reached ({Reason ?? "not opened yet"})"
        : $"{NodeName} is {Record.State.ToString().ToLowerInvariant()} ({ReasonOutOfSync()})";

    internal ChildStatus Status() => new(
        Record.Name,
        Record.Node,
        NodeName,
        Record.State,
        Link,
        _since,
        ReasonNow,
        _lastLostVote,
        new ChildCounters(_votesLost, _repairs, _readErrors, _writeErrors, _flushErrors))
    {
        Resync = Resync,
    };

    /// <summary>
    /// What keeps it from being Synced now: why it once failed says nothing of a child that is back.
    /// </summary>
    private string ReasonOutOfSync() => (IsTarget, Obstacle, Resync) switch
    {
        (true, null, null) => "it is back, its resync is about to begin",
        (true, null, _) => "it is being resynced",
        _ => ReasonNow ?? "from before",
    };

    private TimeSpan RestAfter(VolumeSettings settings)
    {
        TimeSpan rest = settings.OpenRetry * Math.Pow(2, Math.Min(_setbacks - 1, RestDoublingsMax));
        TimeSpan limit = settings.ChildTimeout * RestMaxTimeouts;
        return rest < limit ? rest : limit;
    }
}
