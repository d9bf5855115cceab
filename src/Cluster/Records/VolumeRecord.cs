using System.Collections.Immutable;

namespace Replication.Cluster.Records;

/// <summary>
/// All that is agreed about a volume (P1). A value: the functions below say what it would be after a change,
/// or why that may not be, and <see cref="VolumeRecords"/> makes the change by compare-and-set. Two records
/// are equal when every field is, lists in their order: that is how a change is read back after
/// an unknown outcome (P3).
/// </summary>
public sealed record VolumeRecord
{
    /// <summary>The volume's name, by <see cref="NameRule"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The volume's id; another volume of the same name has another.</summary>
    public required Guid Id { get; init; }

    /// <summary>1 for a new record, one more with each change.</summary>
    public required long Serial { get; init; }

    /// <summary>1 to <see cref="RecordLimits.SizeMaxBytes"/>.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>What an administrator chose.</summary>
    public required VolumeOptions Options { get; init; }

    /// <summary>The owner's fencing token: 0 before the first owner, then up to EpochMax.</summary>
    public required uint Epoch { get; init; }

    /// <summary>The gateway that runs the volume, or null before the first.</summary>
    public required string? Owner { get; init; }

    /// <summary>The children in QEMU's order, which is the order of fifo reads and of ties.</summary>
    public required ImmutableArray<VolumeChild> Children { get; init; }

    /// <summary>The index that the next child gets.</summary>
    public required int NextChildIndex { get; init; }

    /// <summary>Numbers of 4 KiB blocks without a winner (P22), rising.</summary>
    public required ImmutableArray<long> BadBlocks { get; init; }

    /// <summary>Whether blkverify found a difference; a takeover does not clear it.</summary>
    public required bool Stopped { get; init; }

    /// <summary>How it is offered to NBD clients, in the order in which that was asked for.</summary>
    public ImmutableArray<VolumeExport> Exports { get; init; } = [];

    /// <summary>S: the children recorded Synced.</summary>
    public int SyncedCount => Children.Count(static child => child.State == ChildState.Synced);

    /// <summary>
    /// q: the Synced children that must have answered in this epoch before a read counts (P14).
    /// </summary>
    public int ReadQuorum => Math.Max(Options.Threshold, (SyncedCount / 2) + 1);

    /// <summary>f: the Synced children that a takeover must open (P10); any f and any q of S meet.</summary>
    public int FenceQuorum => FenceQuorumOf(SyncedCount, Options.Threshold);

    /// <summary>f for so many children that count (P10, P12).</summary>
    public static int FenceQuorumOf(int count, int threshold) => Math.Max(threshold, (count + 1) / 2);

    /// <summary>
    /// A new volume: no owner, epoch 0, every child Synced, for fresh replicas are all zeroes and so agree.
    /// It is exported under its own name.
    /// </summary>
    public static RecordChange Create(
        string name, Guid id, long sizeBytes, VolumeOptions options, IReadOnlyList<ChildPlacement> placements)
    {
        VolumeRecord record = new()
        {
            Name = name,
            Id = id,
            Serial = 1,
            SizeBytes = sizeBytes,
            Options = options,
            Epoch = 0,
            Owner = null,
            Children = [.. placements.Select(static (placement, index) =>
                placement.ToChild(index, ChildState.Synced))],
            NextChildIndex = placements.Count,
            BadBlocks = [],
            Stopped = false,
            Exports = [VolumeExport.OwnOf(name)],
        };
        return VolumeRecordRules.FirstError(record) is { } error
            ? new RecordChange.Refused(error)
            : new RecordChange.Allowed(record);
    }

    /// <summary>The child of this index (N of <c>children.N</c>), or null.</summary>
    public VolumeChild? FindChild(int childIndex) =>
        Children.FirstOrDefault(child => child.Index == childIndex);

    /// <summary>The next epoch, under this owner (P6, P10). The last epoch is refused.</summary>
    public RecordChange WithEpochRaised(string owner)
    {
        if (NameRule.OwnerError(owner) is { } error)
        {
            return new RecordChange.Refused(error);
        }

        return Epoch >= RecordLimits.EpochMax
            ? new RecordChange.Refused(
                $"volume {Name} has used epoch {Epoch}, the last one: copy it to a new volume to go on")
            : Changed(this with { Epoch = Epoch + 1, Owner = owner });
    }

    /// <summary>
    /// Records children in other states, all in one change (P13). Refused: what would leave fewer Synced
    /// children than the threshold by calling some Stale or Faulted (I6; Lapsed may, since P12 brings those
    /// back), what would do the same to the Synced and Lapsed together, a child that lacks writes called
    /// Lapsed, a Faulted one called Synced without having been Stale, an unknown or repeated index, and a
    /// change of nothing.
    /// </summary>
    public RecordChange WithStates(params IReadOnlyList<ChildStateChange> changes) =>
        WithStates(changes, ThresholdError);

    /// <summary>
    /// Records states as <see cref="WithStates(IReadOnlyList{ChildStateChange})"/> does, for a volume that
    /// its owner suspends (P12, case b): one Synced child, from which the others are copied to, has to
    /// remain.
    /// </summary>
    public RecordChange WithStatesSuspended(IReadOnlyList<ChildStateChange> changes) =>
        WithStates(changes, SourceError);

    /// <summary>
    /// One child more, Stale until it was built (P2). Blkverify compares two: it takes none, in QEMU's words.
    /// </summary>
    public RecordChange WithChildAdded(ChildPlacement placement)
    {
        if (Options.Blkverify)
        {
            return new RecordChange.Refused("Cannot add a child to a quorum in blkverify mode");
        }

        if (NextChildIndex == int.MaxValue)
        {
            return new RecordChange.Refused($"volume {Name} has used up its children's names");
        }

        VolumeChild child = placement.ToChild(NextChildIndex, ChildState.Stale);
        return Changed(this with { Children = Children.Add(child), NextChildIndex = NextChildIndex + 1 });
    }

    /// <summary>One child less. Refused where that leaves the volume below its threshold (I6).</summary>
    public RecordChange WithChildRemoved(int childIndex)
    {
        int position = IndexOf(childIndex);
        if (position < 0)
        {
            return Unknown(childIndex);
        }

        ImmutableArray<VolumeChild> children = Children.RemoveAt(position);
        return ThresholdError(children) is { } refusal
            ? new RecordChange.Refused(refusal)
            : Changed(this with { Children = children });
    }

    /// <summary>Offers the volume to NBD clients. Refused where its id or name is in use.</summary>
    public RecordChange WithExportAdded(VolumeExport export)
    {
        if (FindExport(export.Id) is not null)
        {
            return new RecordChange.Refused($"volume {Name} has an export with the id '{export.Id}' already");
        }

        return Exports.Any(other => other.Name == export.Name)
            ? new RecordChange.Refused($"volume {Name} is exported as '{export.Name}' already")
            : Changed(this with { Exports = Exports.Add(export) });
    }

    /// <summary>Offers the volume no more by the export of this id.</summary>
    public RecordChange WithExportRemoved(string id) => FindExport(id) is { } export
        ? Changed(this with { Exports = Exports.Remove(export) })
        : new RecordChange.Refused($"volume {Name} has no export with the id '{id}'");

    /// <summary>
    /// Puts blocks on the bad list (P22), those that are on it already left out. Refused where it does not
    /// fit (P21).
    /// </summary>
    public RecordChange WithBadBlocks(IEnumerable<long> blocks) =>
        WithBadBlocksExactly([.. BadBlocks.Concat(blocks).Distinct().Order()]);

    /// <summary>Takes blocks off the bad list (P22); others than those on it do not matter.</summary>
    public RecordChange WithoutBadBlocks(IEnumerable<long> blocks) =>
        WithBadBlocksExactly([.. BadBlocks.Except(blocks)]);

    /// <summary>Sets or clears the flag by which blkverify stops the volume.</summary>
    public RecordChange WithStopped(bool stopped) => stopped == Stopped
        ? new RecordChange.Refused($"volume {Name} is {(stopped ? "stopped" : "not stopped")} already")
        : Changed(this with { Stopped = stopped });

    /// <summary>Every field equal, lists in their order.</summary>
    public bool Equals(VolumeRecord? other) =>
        other is not null
        && Name == other.Name
        && Id == other.Id
        && Serial == other.Serial
        && SizeBytes == other.SizeBytes
        && Options == other.Options
        && Epoch == other.Epoch
        && Owner == other.Owner
        && NextChildIndex == other.NextChildIndex
        && Stopped == other.Stopped
        && Children.AsSpan().SequenceEqual(other.Children.AsSpan())
        && Exports.AsSpan().SequenceEqual(other.Exports.AsSpan())
        && BadBlocks.AsSpan().SequenceEqual(other.BadBlocks.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Serial, Epoch);

    private RecordChange WithStates(
        IReadOnlyList<ChildStateChange> changes, Func<ImmutableArray<VolumeChild>, string?> errorOf)
    {
        ImmutableArray<VolumeChild> children = Children;
        HashSet<int> seen = [];
        foreach (ChildStateChange change in changes)
        {
            int position = IndexOf(change.ChildIndex);
            if (position < 0)
            {
                return Unknown(change.ChildIndex);
            }

            VolumeChild child = Children[position];
            if (!seen.Add(change.ChildIndex))
            {
                return new RecordChange.Refused($"{child.Name} of volume {Name} is given two states at once");
            }

            if (StepError(child, change.State) is { } error)
            {
                return new RecordChange.Refused(error);
            }

            children = children.SetItem(position, child with { State = change.State });
        }

        if (children.SequenceEqual(Children))
        {
            return new RecordChange.Refused($"the children of volume {Name} are in these states already");
        }

        return errorOf(children) is { } refusal
            ? new RecordChange.Refused(refusal)
            : Changed(this with { Children = children });
    }

    private RecordChange WithBadBlocksExactly(ImmutableArray<long> blocks) =>
        blocks.AsSpan().SequenceEqual(BadBlocks.AsSpan())
            ? new RecordChange.Refused($"the bad blocks of volume {Name} are these already")
            : Changed(this with { BadBlocks = blocks });

    private static RecordChange Changed(VolumeRecord changed)
    {
        VolumeRecord record = changed with { Serial = checked(changed.Serial + 1) };
        return VolumeRecordRules.FirstError(record) is { } error
            ? new RecordChange.Refused($"volume {record.Name}: {error}")
            : new RecordChange.Allowed(record);
    }

    private string? StepError(VolumeChild child, ChildState next) => (child.State, next) switch
    {
        (ChildState.Stale or ChildState.Faulted, ChildState.Lapsed) =>
            $"{child.Name} of volume {Name} may lack flushed writes, so it cannot be Lapsed",
        (ChildState.Faulted, ChildState.Synced) =>
            $"{child.Name} of volume {Name} is Faulted: it is Stale, then resynced, before it is Synced",
        _ => null,
    };

    /// <summary>
    /// I6. Only what lowers a count is judged: a volume that faults have taken below its threshold can still
    /// be mended.
    /// </summary>
    private string? ThresholdError(ImmutableArray<VolumeChild> next)
    {
        int threshold = Options.Threshold;
        int synced = next.Count(static child => child.State == ChildState.Synced);
        int holding = synced + next.Count(static child => child.State == ChildState.Lapsed);
        bool losesSynced = Children.Any(child => child.State == ChildState.Synced && GivenUp(child, next));
        if (losesSynced && synced < threshold)
        {
            return $"volume {Name} would have {synced} Synced {(synced == 1 ? "child" : "children")}, "
                + $"its threshold is {threshold}";
        }

        bool losesLapsed = Children.Any(child => child.State == ChildState.Lapsed && GivenUp(child, next));
        if (losesLapsed && holding < threshold)
        {
            return $"volume {Name} would have {holding} {(holding == 1 ? "child" : "children")} with "
                + "every flushed write, "
                + $"its threshold is {threshold}";
        }

        return null;
    }

    private string? SourceError(ImmutableArray<VolumeChild> next) =>
        next.Any(static child => child.State == ChildState.Synced)
            ? null
            : $"volume {Name} would have no Synced child to copy from";

    /// <summary>Whether a child is gone, or is recorded as lacking writes.</summary>
    private static bool GivenUp(VolumeChild child, ImmutableArray<VolumeChild> next) =>
        next.FirstOrDefault(other => other.Index == child.Index)?.State
            is null or ChildState.Stale or ChildState.Faulted;

    private VolumeExport? FindExport(string id) => Exports.FirstOrDefault(export => export.Id == id);

    private int IndexOf(int childIndex)
    {
        for (int position = 0; position < Children.Length; position++)
        {
            if (Children[position].Index == childIndex)
            {
                return position;
            }
        }

        return -1;
    }

    private RecordChange.Refused Unknown(int childIndex) =>
        new($"volume {Name} has no children.{childIndex}");
}
