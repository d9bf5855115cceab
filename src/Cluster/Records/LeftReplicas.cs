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

    /// <summary>Remembers a replica; one that is remembered already stays as it is.</summary>
    public Task<LeftReplicaEntry> AddAsync(LeftReplica left) => VolumeRecords.Then(
        store.CompareAndSetAsync(KeyOf(left), expectedRevision: 0, LeftReplicaJson.Encode(left)),
        result => new LeftReplicaEntry(left, result switch
        {
            StoreResult.Done done => done.Revision,
            StoreResult.Conflict { Current: { } current } => current.Revision,
            _ => throw new InvalidOperationException($"{result} is no result of a store"),
        }));

    /// <summary>Forgets a replica; one that somebody else forgot is forgotten.</summary>
    public Task<bool> RemoveAsync(LeftReplicaEntry entry) => VolumeRecords.Then(
        store.DeleteAsync(KeyOf(entry.Replica), entry.Revision),
        static result => result is StoreResult.Done);

    private static string KeyOf(LeftReplica left) =>
        $"{KeyPrefix}{left.Identity.VolumeName}/{left.Identity.ReplicaId:N}";
}
