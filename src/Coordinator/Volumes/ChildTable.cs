using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Requests;
using Replication.Coordinator.Volumes.Takeovers;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// The children of one volume in order, how they are opened and closed, and what is known of each.
/// </summary>
internal sealed class ChildTable(VolumeRecord record, VolumeSeams seams, TagSource tags)
{
    private readonly List<ChildSlot> _slots =
        [.. record.Children.Select(child => new ChildSlot(child, record.Name))];

    private readonly Dictionary<int, ChildSlot> _closing = [];

    /// <summary>All of them, in the record's order.</summary>
    internal IReadOnlyList<ChildSlot> Slots => _slots;

    /// <summary>Synced children that can be talked to, in order.</summary>
    internal IEnumerable<ChildSlot> SyncedOpen => _slots.Where(static slot => slot.IsSynced && slot.IsOpen);

    internal bool AllSyncedOpen => _slots.TrueForAll(static slot => !slot.IsSynced || slot.IsOpen);

    /// <summary>True when nobody is left to be opened.</summary>
    internal bool AllOpen => _slots.TrueForAll(static slot =>
        slot.IsOpen || slot.Record.State == ChildState.Faulted);

    internal int OpenSyncedCount => _slots.Count(static slot => slot.IsSynced && slot.IsOpen);

    /// <summary>True when a child recorded Synced answered that it lost its data (P5).</summary>
    internal bool IsAnySyncedLacking =>
        _slots.Exists(static slot => slot.IsSynced && slot.Standing == ChildStanding.Lacking);

    /// <summary>What a takeover decides by.</summary>
    internal IReadOnlyList<TakeoverChild> Standings =>
    [
        .. _slots.Select(static slot =>
            new TakeoverChild(slot.Record.Index, slot.Record.State, slot.Standing)),
    ];

    internal bool IsAnyClosing => _closing.Count > 0;

    internal ChildSlot? Find(int childIndex) => _slots.Find(slot => slot.Record.Index == childIndex);

    /// <summary>The child whose newest attempt this is, while it is not open by it.</summary>
    internal ChildSlot? FindAttempt(int tag) =>
        _slots.Find(slot => slot.AttemptTag == tag && (!slot.IsOpen || slot.Session != slot.AttemptSession));

    internal ChildSlot? FindOpen(IActorRef replica) =>
        _slots.Find(slot => slot.IsOpen && replica.Equals(slot.Replica));

    /// <summary>True when the Synced children that are open hold the record of this serial (P4).</summary>
    internal bool HaveCopies(long serial) => SyncedOpen.All(slot => slot.CopiedSerial == serial);

    /// <summary>Synced children that are open and not among the faulted.</summary>
    internal int OpenSyncedWithout(IReadOnlyList<ChildFault> faults) => _slots.Count(slot =>
        slot.IsSynced && slot.IsOpen && !faults.Any(fault => fault.ChildIndex == slot.Record.Index));

    /// <summary>A fault for each Synced child that is not open, to have it judged.</summary>
    internal IReadOnlyList<ChildFault> NotOpenFaults(string otherwise) =>
    [
        .. _slots.Where(static slot => slot.IsSynced && !slot.IsOpen)
            .Select(slot => slot.Fault(FaultKind.Out, Errno.TimedOut, slot.Reason ?? otherwise)),
    ];

    internal void ResetLinks()
    {
        foreach (ChildSlot slot in _slots)
        {
            slot.Reset();
        }
    }

    /// <summary>Asks children that are not open to open under a new session (P9).</summary>
    /// <param name="current">The record.</param>
    /// <param name="roleOf">What a child is opened as; null: it is left alone.</param>
    /// <param name="self">The volume.</param>
    /// <param name="time">For the patience with each.</param>
    internal void AttemptAll(
        VolumeRecord current, Func<ChildState, ReplicaRole?> roleOf, IActorRef self, TimeProvider time)
    {
        long now = time.GetTimestamp();
        foreach (ChildSlot slot in _slots)
        {
            if (slot.IsOpen || roleOf(slot.Record.State) is not { } role
                || !slot.MayAttempt(seams.Settings, time, now))
            {
                continue;
            }

            slot.BeginAttempt(tags.Next(), role, now);
            OpenReplica open = new(
                slot.AttemptTag,
                IdentityOf(slot, current),
                current.Serial,
                current.Epoch,
                slot.AttemptSession);
            seams.StorageOf(slot.Record.Node).Tell(open with { Role = role }, self);
        }
    }

    /// <summary>
    /// The node of a Stale child has nothing of it: it is made anew, empty, and copied to from the start.
    /// </summary>
    internal void Rebuild(ChildSlot slot, VolumeRecord current, IActorRef self) =>
        seams.StorageOf(slot.Record.Node).Tell(
            new CreateReplica(slot.AttemptTag, IdentityOf(slot, current)), self);

    /// <summary>Takes over what was recorded; returns the children that changed or are gone.</summary>
    internal IReadOnlyList<ChildSlot> Apply(
        VolumeRecord current, Func<VolumeChild, string> reasonOf, DateTimeOffset now)
    {
        List<ChildSlot> changed = [.. _slots.Where(slot => current.FindChild(slot.Record.Index) is null)];
        changed.ForEach(slot =>
        {
            slot.SetNotOpen(ChildLink.Closed, "removed");
            _slots.Remove(slot);
        });
        foreach (VolumeChild child in current.Children)
        {
            if (Find(child.Index) is not { } slot)
            {
                ChildSlot added = new(child, current.Name);
                added.SetNotOpen(ChildLink.Closed, "added, and not built yet");
                _slots.Add(added);
            }
            else if (child.State != slot.Record.State)
            {
                string reason = reasonOf(child);
                if (child.State != ChildState.Synced)
                {
                    slot.SetNotOpen(ChildLink.Closed, reason);
                }

                slot.SetRecorded(child, reason, now);
                changed.Add(slot);
            }
        }

        return changed;
    }

    internal VolumeView MakeView(VolumeRecord current) => new(
        current.Name,
        current.Options,
        seams.Settings,
        [.. SyncedOpen.Select(static slot => slot.View)])
    {
        Targets = [.. _slots.Where(static slot => slot.IsTarget).Select(static slot => slot.View)],
        BadBlocks = current.BadBlocks,
    };

    /// <summary>Closes every open replica; the checkpoint says what the Synced ones have (P16).</summary>
    internal void CloseAll(ulong checkpoint, IActorRef self)
    {
        foreach (ChildSlot slot in _slots)
        {
            if (slot.IsOpen)
            {
                int tag = tags.Next();
                _closing.Add(tag, slot);
                CloseReplica close = new(tag, slot.View.Ticket);
                slot.Replica!.Tell(close with { Checkpoint = slot.IsSynced ? checkpoint : 0 }, self);
            }
        }
    }

    /// <summary>Counts what a request noticed of its children.</summary>
    internal void Count(IReadOnlyList<ChildNote> notes, QuorumOperation operation, DateTimeOffset now)
    {
        foreach (ChildNote note in notes)
        {
            Find(note.ChildIndex)?.Count(note, operation, now);
        }
    }

    internal void SetClosed(int tag) => _closing.Remove(tag);

    /// <summary>A child is gone before it could say that it is closed: that is all it will say.</summary>
    internal void SetLostWhileClosing(ChildSlot slot, string reason)
    {
        slot.SetNotOpen(ChildLink.Out, reason);
        int[] owed = [.. _closing.Where(entry => entry.Value == slot).Select(static entry => entry.Key)];
        foreach (int tag in owed)
        {
            _closing.Remove(tag);
        }
    }

    internal IReadOnlyList<ChildStatus> Statuses() => [.. _slots.Select(static slot => slot.Status())];

    /// <summary>What is wrong with the children, in words; null when nothing is.</summary>
    internal string? Trouble()
    {
        IEnumerable<string> words =
            _slots.Where(static slot => !slot.IsSynced || !slot.IsOpen).Select(static slot => slot.Trouble());
        string joined = string.Join("; ", words);
        return joined.Length == 0 ? null : joined;
    }

    /// <summary>The children recorded in these states that are not open, in words.</summary>
    internal string Missing(params ChildState[] states) => string.Join(", ", _slots
        .Where(slot => states.Contains(slot.Record.State) && !slot.IsOpen)
        .Select(static slot => $"{slot.NodeName} ({slot.Reason ?? "not opened yet"})"));

    private static ReplicaIdentity IdentityOf(ChildSlot slot, VolumeRecord current) =>
        new(current.Name, current.Id, slot.Record.ReplicaId, current.SizeBytes);
}
