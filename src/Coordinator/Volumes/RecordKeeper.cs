using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Cluster.Records;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// The volume's record as its owner knows it, and the one change of it that may be under way. Runs within the
/// volume's actor.
/// </summary>
internal sealed class RecordKeeper(VolumeEntry entry, VolumeRecords records)
{
    private VolumeEntry _entry = entry;

    internal VolumeRecord Record => _entry.Record;

    /// <summary>True from the begin of a change until the store has answered or failed.</summary>
    internal bool IsChanging { get; private set; }

    /// <summary>
    /// Has the store make a change: <paramref name="self"/> is told RecordStored, or PipeFailed with the
    /// purpose as its tag. Returns why it may not be made, or null.
    /// </summary>
    internal string? Begin(RecordChange change, RecordPurpose purpose, IActorRef self)
    {
        if (IsChanging)
        {
            throw new InvalidOperationException("a change of the record is under way");
        }

        if (change is not RecordChange.Allowed allowed)
        {
            return ((RecordChange.Refused)change).Reason;
        }

        IsChanging = true;
        records.ChangeAsync(_entry, allowed.Record)
            .PipeTo(self, stored => new RecordStored(stored, purpose), tag: purpose);
        return null;
    }

    /// <summary>The store has answered: true when the change stands.</summary>
    internal bool TryFinish(VolumeChange change)
    {
        IsChanging = false;
        if (change is not VolumeChange.Written written)
        {
            return false;
        }

        _entry = written.Entry;
        return true;
    }

    /// <summary>The outcome is unknown (P3): only a later change that succeeds settles it.</summary>
    internal void Abandon() => IsChanging = false;
}
