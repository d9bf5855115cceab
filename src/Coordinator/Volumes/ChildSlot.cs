using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// A child as its owner knows it: what is recorded, and what only this life of the gateway knows.
/// </summary>
internal sealed class ChildSlot(VolumeChild record, string volumeName)
{
    private const int QuickAttempts = 3;

    private long _attemptedAt;
    private int _attempts;
    private long _votesLost;
    private long _repairs;
    private long _readErrors;
    private long _writeErrors;
    private long _flushErrors;
    private DateTimeOffset? _since;
    private DateTimeOffset? _lastLostVote;
    private ChildView? _view;

    internal VolumeChild Record { get; private set; } = record;

    internal string NodeName { get; } = $"{volumeName}-{record.Node}";

    internal ChildLink Link { get; private set; } = ChildLink.Closed;

    internal string? Reason { get; private set; }

    /// <summary>The session that the child is, or was last, open under; 0 before the first.</summary>
    internal uint Session => _view?.Ticket.Session ?? 0;

    internal IActorRef? Replica => _view?.Replica;

    /// <summary>
    /// The incarnation that this owner saw last; 0 before the first opening. Kept through epochs (P12).
    /// </summary>
    internal ulong Incarnation { get; private set; }

    /// <summary>
    /// The tag of the newest attempt to open the child; answers to older ones count for nothing.
    /// </summary>
    internal int AttemptTag { get; private set; }

    internal uint AttemptSession { get; private set; }

    internal bool IsSynced => Record.State == ChildState.Synced;

    internal bool IsOpen => Link == ChildLink.Open;

    internal ChildView View => _view ?? throw new InvalidOperationException($"{NodeName} was never opened");

    /// <summary>Starts an attempt under a session above all earlier ones.</summary>
    internal void BeginAttempt(int tag, long now)
    {
        AttemptTag = tag;
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

    internal void SetOpen(IActorRef replica, ReplicaTicket ticket)
    {
        _view = new ChildView(Record.Index, NodeName, replica, ticket);
        Incarnation = ticket.Incarnation;
        Link = ChildLink.Open;
        Reason = null;
        _attempts = 0;
    }

    internal void SetNotOpen(ChildLink link, string reason)
    {
        Link = link;
        Reason = reason;
    }

    /// <summary>A new epoch begins: the sessions of the old one are void.</summary>
    internal void Reset()
    {
        _view = null;
        AttemptTag = 0;
        AttemptSession = 0;
        _attempts = 0;
        Link = ChildLink.Closed;
    }

    internal void SetRecorded(VolumeChild record, string reason, DateTimeOffset now)
    {
        if (record.State != Record.State)
        {
            _since = now;
            Reason = reason;
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
        : $"{NodeName} is {Record.State.ToString().ToLowerInvariant()} ({Reason ?? "from before"})";

    internal ChildStatus Status() => new(
        Record.Name,
        Record.Node,
        NodeName,
        Record.State,
        Link,
        _since,
        Reason,
        _lastLostVote,
        new ChildCounters(_votesLost, _repairs, _readErrors, _writeErrors, _flushErrors));
}
