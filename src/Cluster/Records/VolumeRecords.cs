namespace Replication.Cluster.Records;

/// <summary>
/// The volumes' records in a store, under <c>volumes/NAME</c>. Every task fails with
/// <see cref="StoreUnavailableException"/> where the store does; for a change that means an unknown outcome
/// (P3).
/// </summary>
/// <remarks>
/// Results are made on whichever thread completes the store's task, without a detour over a thread pool, so
/// that a simulated store keeps its order.
/// </remarks>
public sealed class VolumeRecords(IClusterStore store)
{
    /// <summary>What every key of a record starts with.</summary>
    public const string KeyPrefix = "volumes/";

    /// <summary>What deleted volumes have left, in the same store.</summary>
    public LeftReplicas Left => new(store);

    /// <summary>The key of a volume's record; the name must follow <see cref="NameRule"/>.</summary>
    public static string KeyOf(string name) => NameRule.Error(name) is { } error
        ? throw new ArgumentException(error, nameof(name))
        : KeyPrefix + name;

    /// <summary>The record of a volume.</summary>
    public Task<VolumeLookup> GetAsync(string name) =>
        Then(store.GetAsync(KeyOf(name)), entry => Read(name, entry));

    /// <summary>Every record, readable or not, in ordinal order of the volumes' names.</summary>
    public Task<IReadOnlyList<VolumeLookup>> ListAsync() =>
        Then<IReadOnlyList<StoreEntry>, IReadOnlyList<VolumeLookup>>(
            store.ListAsync(KeyPrefix),
            static entries =>
                [.. entries.Select(static entry => Read(entry.Key[KeyPrefix.Length..], entry))]);

    /// <summary>Stores the record of a new volume; a conflict if one of that name is there.</summary>
    public Task<VolumeChange> CreateAsync(VolumeRecord record) => SetAsync(expectedRevision: 0, record);

    /// <summary>
    /// Replaces a record as it was read by what one of its own functions made of it. Anything else throws:
    /// another volume, or a serial that is not the next.
    /// </summary>
    public Task<VolumeChange> ChangeAsync(VolumeEntry current, VolumeRecord next)
    {
        VolumeRecord record = current.Record;
        if (next.Name != record.Name || next.Id != record.Id || next.Serial != record.Serial + 1)
        {
            throw new InvalidOperationException(
                $"{next.Name} {next.Id} with serial {next.Serial} does not follow "
                + $"{record.Name} {record.Id} with serial {record.Serial}");
        }

        return SetAsync(current.Revision, next);
    }

    /// <summary>Deletes a record as it was read.</summary>
    public Task<VolumeChange> DeleteAsync(VolumeEntry current)
    {
        string name = current.Record.Name;
        return Then(store.DeleteAsync(KeyOf(name), current.Revision), VolumeChange (result) => result switch
        {
            StoreResult.Done => new VolumeChange.Deleted(),
            StoreResult.Conflict conflict => new VolumeChange.Conflicted(Read(name, conflict.Current)),
            _ => throw new InvalidOperationException($"{result} is no result of a store"),
        });
    }

    private Task<VolumeChange> SetAsync(long expectedRevision, VolumeRecord record)
    {
        Task<StoreResult> set =
            store.CompareAndSetAsync(KeyOf(record.Name), expectedRevision, VolumeRecordJson.Encode(record));
        return Then(set, VolumeChange (result) => result switch
        {
            StoreResult.Done done => new VolumeChange.Written(new VolumeEntry(record, done.Revision)),
            StoreResult.Conflict conflict => new VolumeChange.Conflicted(Read(record.Name, conflict.Current)),
            _ => throw new InvalidOperationException($"{result} is no result of a store"),
        });
    }

    private static VolumeLookup Read(string name, StoreEntry? entry)
    {
        if (entry is null)
        {
            return new VolumeLookup.Missing();
        }

        if (!VolumeRecordJson.TryParse(entry.Value.Span, out VolumeRecord? record, out string? error))
        {
            return new VolumeLookup.Unreadable(name, entry.Revision, error);
        }

        return record.Name == name
            ? new VolumeLookup.Found(new VolumeEntry(record, entry.Revision))
            : new VolumeLookup.Unreadable(
                name, entry.Revision, $"name: is {record.Name}, the key says {name}");
    }

    internal static Task<TResult> Then<T, TResult>(Task<T> task, Func<T, TResult> map) =>
        task.ContinueWith(
            done => map(done.GetAwaiter().GetResult()),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
}
