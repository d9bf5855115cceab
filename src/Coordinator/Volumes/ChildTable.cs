using Replication.Actors;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Events;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// The children of one volume in order, how they are opened and closed, and what is known of each.
/// </summary>
internal sealed class ChildTable(VolumeRecord record, VolumeSeams seams)
{
    private readonly List<ChildSlot> _slots =
        [.. record.Children.Select(child => new ChildSlot(child, record.Name))];

    private readonly Dictionary<int, ChildSlot> _closing = [];
    private int _lastTag;

    internal bool AllSyncedOpen => _slots.TrueForAll(static slot => !slot.IsSynced || slot.IsOpen);

    internal int OpenSyncedCount => _slots.Count(static slot => slot.IsSynced && slot.IsOpen);

    internal bool IsAnyClosing => _closing.Count > 0;

    internal ChildSlot? Find(int childIndex) => _slots.Find(slot => slot.Record.Index == childIndex);

    /// <summary>The child whose newest attempt this is, while it is not open by it.</summary>
    internal ChildSlot? FindAttempt(int tag) =>
        _slots.Find(slot => slot.AttemptTag == tag && (!slot.IsOpen || slot.Session != slot.AttemptSession));

    internal ChildSlot? FindOpen(IActorRef replica) =>
        _slots.Find(slot => slot.IsOpen && replica.Equals(slot.Replica));

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

    /// <summary>Asks every Synced child that is not open to open under a new session (P9).</summary>
    internal void AttemptAll(VolumeRecord current, IActorRef self, TimeProvider time)
    {
        long now = time.GetTimestamp();
        foreach (ChildSlot slot in _slots)
        {
            if (!slot.IsSynced || slot.IsOpen || !slot.MayAttempt(seams.Settings, time, now))
            {
                continue;
            }

            slot.BeginAttempt(++_lastTag, now);
            ReplicaIdentity identity =
                new(current.Name, current.Id, slot.Record.ReplicaId, current.SizeBytes);
            seams.StorageOf(slot.Record.Node).Tell(
                new OpenReplica(
                    slot.AttemptTag, identity, current.Serial, current.Epoch, slot.AttemptSession), self);
        }
    }

    /// <summary>Takes over what was recorded; returns the children whose state changed.</summary>
    internal IReadOnlyList<ChildSlot> Apply(
        VolumeRecord current, IReadOnlyList<ChildFault> faults, DateTimeOffset now)
    {
        List<ChildSlot> changed = [];
        foreach (ChildSlot slot in _slots)
        {
            VolumeChild? child = current.FindChild(slot.Record.Index);
            if (child is null || child.State == slot.Record.State)
            {
                continue;
            }

            string reason = faults.FirstOrDefault(fault => fault.ChildIndex == child.Index)?.Reason
                ?? "failed";
            slot.SetNotOpen(ChildLink.Closed, reason);
            slot.SetRecorded(child, reason, now);
            changed.Add(slot);
        }

        return changed;
    }

    internal VolumeView MakeView(VolumeRecord current) => new(
        current.Name,
        current.Options,
        seams.Settings,
        [.. _slots.Where(static slot => slot.IsSynced).Select(static slot => slot.View)]);

    internal void CloseAll(IActorRef self)
    {
        foreach (ChildSlot slot in _slots)
        {
            if (slot.IsOpen)
            {
                int tag = ++_lastTag;
                _closing.Add(tag, slot);
                slot.Replica!.Tell(new CloseReplica(tag, slot.View.Ticket), self);
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
        int[] tags = [.. _closing.Where(entry => entry.Value == slot).Select(static entry => entry.Key)];
        foreach (int tag in tags)
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
}
