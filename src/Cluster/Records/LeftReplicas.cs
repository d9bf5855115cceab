namespace Replication.Cluster.Records;

/// <summary>
/// What deleted volumes and removed children have left on nodes, under <c>deleted/VOLUME/REPLICA-ID</c>:
/// written before the replica goes from the volume's record, and taken away once the node has said that
/// nothing of it is in the way of a volume of the same name. While a record has the replica an entry means
/// nothing: the removal was not carried out.
/// Tasks fail as those of <see cref="VolumeRecords"/> do.
/// </summary>
public sealed class LeftReplicas(IClusterStore store)
{
    /// <summary>What every key starts with.</summary>
    public const string KeyPrefix = "deleted/";

    /// <summary>
    /// The most that are remembered; of a volume that is deleted beyond it, what a node keeps is not.
    /// </summary>
    public const int CountMax = 1024;

    private const int AddTriesMax = 8;

    /// <summary>Those of one volume name, or all; unreadable entries are left out and counted.</summary>
    public Task<LeftReplicaList> ListAsync(string? volumeName = null) => VolumeRecords.Then(
        store.ListAsync(volumeName is null ? KeyPrefix : $"{KeyPrefix}{volumeName}/"),
        static entries =>
        {
            LeftReplicaEntry[] readable =
            [
                .. entries
                    .Select(static entry => (Left: LeftReplicaJson.TryParse(entry.Value.Span), entry))
                    .Where(static one => one.Left is not null && one.entry.Key == KeyOf(one.Left))
                    .Select(static one => new LeftReplicaEntry(one.Left!, one.entry.Revision)),
            ];
            return new LeftReplicaList(readable, entries.Count - readable.Length);
        });

    /// <summary>
    /// Remembers a replica; one that is remembered already stays as it is, but for what is known with it,
    /// which only grows.
    /// </summary>
    public Task<LeftReplicaEntry> AddAsync(LeftReplica left) =>
        SetAsync(left, expectedRevision: 0, AddTriesMax);

    /// <summary>Forgets a replica; one that somebody else forgot is forgotten.</summary>
    public Task<bool> RemoveAsync(LeftReplicaEntry entry) => VolumeRecords.Then(
        store.DeleteAsync(KeyOf(entry.Replica), entry.Revision),
        static result => result is StoreResult.Done);

    private Task<LeftReplicaEntry> SetAsync(LeftReplica left, long expectedRevision, int tries) =>
        VolumeRecords.Then(
            store.CompareAndSetAsync(KeyOf(left), expectedRevision, LeftReplicaJson.Encode(left)),
            result => result switch
            {
                StoreResult.Done done => Task.FromResult(new LeftReplicaEntry(left, done.Revision)),
                StoreResult.Conflict conflict when tries > 1 => Raise(left, conflict.Current, tries - 1),
                StoreResult.Conflict => throw new StoreUnavailableException(
                    $"{KeyOf(left)} was changed {AddTriesMax} times meanwhile"),
                _ => throw new InvalidOperationException($"{result} is no result of a store"),
            }).Unwrap();

    private Task<LeftReplicaEntry> Raise(LeftReplica left, StoreEntry? current, int tries)
    {
        if (current is null)
        {
            return SetAsync(left, expectedRevision: 0, tries);
        }

        LeftReplica? known = LeftReplicaJson.TryParse(current.Value.Span);
        LeftReplica both = known is null ? left : left.Knowing(known.Serial, known.Epoch);
        return both == known
            ? Task.FromResult(new LeftReplicaEntry(both, current.Revision))
            : SetAsync(both, current.Revision, tries);
    }

    private static string KeyOf(LeftReplica left) =>
        $"{KeyPrefix}{left.Identity.VolumeName}/{left.Identity.ReplicaId:N}";
}
