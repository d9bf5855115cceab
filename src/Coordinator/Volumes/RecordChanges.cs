using Replication.Actors.Asking;
using Replication.Actors.Disk;
using Replication.Cluster.Records;
using Replication.Coordinator.Requests;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>
/// Carries a change of the record through: to the store, to what the owner knows of the children, and to the
/// sidecar of every Synced child (P4). Only then goes on what relies on it. Runs within the volume's actor.
/// </summary>
internal sealed class RecordChanges(VolumeParts parts)
{
    /// <summary>What an administrator is told whose change the record does not have in the end.</summary>
    internal const string NotChanged = "the volume's record could not be changed; status says what it is now";

    /// <summary>Begins a change; returns why it may not be made, or null.</summary>
    internal string? Begin(RecordChange change, RecordPurpose purpose)
    {
        if (change is not RecordChange.Allowed allowed)
        {
            return ((RecordChange.Refused)change).Reason;
        }

        parts.Keeper.Begin(allowed.Record, purpose, parts.Context.Self);
        return null;
    }

    /// <summary>Copies the record as it is to the Synced children that do not hold it.</summary>
    internal void BeginCopy(RecordPurpose purpose)
    {
        parts.Keeper.Begin();
        Copy(purpose);
    }

    /// <summary>The store has answered.</summary>
    internal void OnStored(RecordStored stored)
    {
        RecordPurpose purpose = stored.Purpose;
        if (!parts.Keeper.TryTake(stored.Change))
        {
            Fail(purpose, "the volume's record was changed by somebody else");
            return;
        }

        Apply(purpose);
        if (parts.State.IsFailed)
        {
            parts.Keeper.End();
            purpose.Done(false);
        }
        else if (purpose.IsCopied)
        {
            Copy(purpose);
        }
        else
        {
            parts.Keeper.End();
            purpose.Done(true);
        }
    }

    /// <summary>
    /// The store has failed. Nothing that relied on the change may be acknowledged: its outcome is unknown
    /// (P3).
    /// </summary>
    internal void OnStoreFailed(PipeFailed failed) =>
        Fail((RecordPurpose)failed.Tag!, $"the cluster store failed: {failed.Cause.Message}");

    private void Fail(RecordPurpose purpose, string reason)
    {
        parts.Keeper.End();
        parts.Stop(reason);
        purpose.Done(false);
    }

    /// <summary>
    /// Children that are not Synced any more count for nothing: running requests wait for them no longer.
    /// </summary>
    private void Apply(RecordPurpose purpose)
    {
        VolumeRecord record = parts.Record;
        HashSet<int> before = [.. parts.Children.Slots.Select(static slot => slot.Record.Index)];
        IReadOnlyList<ChildSlot> changed = parts.Children.Apply(
            record,
            child => purpose.ReasonFor(child.Index),
            parts.Now);
        foreach (ChildSlot added in parts.Children.Slots.Where(slot => !before.Contains(slot.Record.Index)))
        {
            parts.Herald.AnnounceAdded(record.Name, added);
        }

        foreach (ChildSlot slot in changed)
        {
            bool isRemoved = record.FindChild(slot.Record.Index) is null;
            if (isRemoved || !slot.IsSynced)
            {
                Release(slot, purpose);
            }

            if (!isRemoved)
            {
                parts.Herald.AnnounceState(record.Name, slot, purpose.ReasonFor(slot.Record.Index));
            }
        }
    }

    private void Release(ChildSlot slot, RecordPurpose purpose)
    {
        ChildFault? fault = purpose.Faults.LastOrDefault(one => one.ChildIndex == slot.Record.Index);
        ChildLost lost = new(
            slot.Record.Index,
            fault?.Session ?? slot.Session,
            fault?.Errno ?? Errno.InputOutput,
            fault?.Reason ?? purpose.Reason);
        if (slot.Replica is not null)
        {
            parts.Context.Unwatch(slot.Replica);
        }

        parts.Resyncs.Stop(slot.Record.Index, purpose.Reason);
        parts.Desk.TellRunning([lost]);
        parts.Calls.OnLost(lost);
    }

    private void Copy(RecordPurpose purpose)
    {
        VolumeRecord record = parts.Record;
        ReadOnlyMemory<byte> encoded = VolumeRecordJson.Encode(record);
        ChildSlot[] lacking =
            [.. parts.Children.SyncedOpen.Where(slot => slot.CopiedSerial != record.Serial)];
        List<ChildFault> faults = [];
        int owed = lacking.Length;
        foreach (ChildSlot slot in lacking)
        {
            parts.Calls.Ask(
                slot,
                (tag, ticket) => new StoreReplicaRecord(tag, ticket, record.Serial, encoded),
                fault =>
                {
                    if (fault is null)
                    {
                        slot.CopiedSerial = record.Serial;
                    }
                    else
                    {
                        faults.Add(fault.OrOut());
                    }

                    if (--owed == 0)
                    {
                        Finish(purpose, faults);
                    }
                });
        }

        if (lacking.Length == 0)
        {
            Finish(purpose, faults);
        }
    }

    /// <summary>
    /// Children that did not take their copy are judged with the change, like those that are out (P13):
    /// what relies on it waits until they are recorded, where at least t are left.
    /// </summary>
    private void Finish(RecordPurpose purpose, List<ChildFault> faults)
    {
        parts.Keeper.End();
        if (faults.Count == 0)
        {
            purpose.Done(true);
            return;
        }

        parts.TakeOut(faults);
        bool mayRecord = !parts.State.IsFailed && !parts.State.IsOpening;
        if (!mayRecord || parts.Children.OpenSyncedWithout(faults) < parts.Record.Options.Threshold)
        {
            purpose.Done(false);
            return;
        }

        ChildStateChange[] changes =
        [
            .. faults.Where(fault => parts.Children.Find(fault.ChildIndex) is { IsSynced: true })
                .Select(static fault => new ChildStateChange(fault.ChildIndex, ChildState.Stale)),
        ];
        RecordPurpose both = purpose with { Faults = [.. purpose.Faults, .. faults] };
        if (changes.Length == 0 || Begin(parts.Record.WithStates(changes), both) is not null)
        {
            purpose.Done(false);
        }
    }
}
