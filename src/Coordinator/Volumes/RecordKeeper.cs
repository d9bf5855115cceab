using Replication.Actors;
using Replication.Actors.Asking;
using Replication.Cluster.Records;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// The volume's record as its owner knows it, and the one change of it that may be under way: stored first,
/// then copied (P4). Runs within the volume's actor.
/// </summary>
internal sealed class RecordKeeper(VolumeEntry entry, VolumeRecords records)
{
    private VolumeEntry _entry = entry;

    internal VolumeRecord Record => _entry.Record;

    /// <summary>True from the begin of a change until it is stored and copied, or has failed.</summary>
    internal bool IsChanging { get; private set; }

    /// <summary>
    /// Has the store make a change: <paramref name="self"/> is told RecordStored, or PipeFailed with the
    /// purpose as its tag.
    /// </summary>
    internal void Begin(VolumeRecord next, RecordPurpose purpose, IActorRef self)
    {
        Begin();
        records.ChangeAsync(_entry, next)
            .PipeTo(self, stored => new RecordStored(stored, purpose), tag: purpose);
    }

    /// <summary>The record stays as it is and is copied.</summary>
    internal void Begin()
    {
        if (IsChanging)
        {
            throw new InvalidOperationException("a change of the record is under way");
        }

        IsChanging = true;
    }

    /// <summary>The store has answered: true when the change stands; it is to be copied then.</summary>
    internal bool TryTake(VolumeChange change)
    {
        if (change is not VolumeChange.Written written)
        {
            return false;
        }

        _entry = written.Entry;
        return true;
    }

    /// <summary>
    /// The change is over; one of unknown outcome too (P3): only a later change that succeeds settles it.
    /// </summary>
    internal void End() => IsChanging = false;
}
