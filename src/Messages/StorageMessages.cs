namespace Replication.Messages;

/// <summary>Names one replica to the storage actor of a node (<c>user/storage</c>).</summary>
/// <param name="VolumeName">Names the folder.</param>
/// <param name="VolumeId">Must be the sidecar's.</param>
/// <param name="ReplicaId">Must be the sidecar's.</param>
/// <param name="SizeBytes">The volume's size; the raw file is exactly that long when it is made.</param>
public sealed record ReplicaIdentity(string VolumeName, Guid VolumeId, Guid ReplicaId, long SizeBytes);

/// <summary>
/// Makes the files of a new replica: answered by ReplicaDone or ReplicaFailed. Never overwrites.
/// </summary>
public sealed record CreateReplica(int Tag, ReplicaIdentity Identity);

/// <summary>What a replica is to the owner that opens it; it decides when hot marks may go (P7).</summary>
public enum ReplicaRole : byte
{
    /// <summary>
    /// Recorded Synced, or Lapsed when no child remembers more: it has every flushed write, and a hot mark
    /// of it waits for a checkpoint.
    /// </summary>
    Holder,

    /// <summary>
    /// Recorded Stale: it is copied to. Its own sync is enough to clear a mark of this life; those of lives
    /// before tell what is to be copied and stay until it is settled.
    /// </summary>
    Target,

    /// <summary>
    /// Recorded Lapsed and copied to (P12 b). Should its source be lost it counts again as it is (P12 c), so
    /// it clears no mark before it is settled: a write that is on it alone must not look reconciled.
    /// </summary>
    Lapsed,
}

/// <summary>
/// Opens a replica for an owner (P9): answered by <see cref="ReplicaOpened"/>, whose sender is the replica's
/// own actor, or by ReplicaFailed. The answer comes when the I/O of earlier sessions has ended.
/// </summary>
public sealed record OpenReplica(int Tag, ReplicaIdentity Identity, long Serial, uint Epoch, uint Session)
{
    /// <summary>What the record says of it.</summary>
    public ReplicaRole Role { get; init; } = ReplicaRole.Holder;
}

/// <summary>Bytes of a volume.</summary>
public readonly record struct ByteRange(long OffsetBytes, long LengthBytes);

/// <summary>Neighbouring 4 MiB zones.</summary>
public readonly record struct ZoneRun(long FirstZone, long Count);

/// <summary>The replica is open; the sender takes the requests that carry this incarnation.</summary>
/// <param name="Tag">The request's tag.</param>
/// <param name="Incarnation">This life of the replica.</param>
/// <param name="Clean">Every write stamped at or below is on it (P16); 0 when nothing is known.</param>
/// <param name="Continuous">It has kept every write it ever took since an owner settled it (P9).</param>
/// <param name="Serial">The serial of the record copied in its sidecar, 0 when none is.</param>
public sealed record ReplicaOpened(int Tag, ulong Incarnation, ulong Clean, bool Continuous, long Serial)
{
    /// <summary>
    /// It lost its sidecar or a part of its raw file (P5): it may lack acknowledged writes and must not vote.
    /// </summary>
    public bool Incomplete { get; init; }

    /// <summary>
    /// Ranges stamped at or above the highest low-water mark it was told (P17), rising, at most
    /// <see cref="UnderWayMax"/>: near ones are joined where there are more. Only a continuous replica knows
    /// all of them.
    /// </summary>
    public IReadOnlyList<ByteRange> UnderWay { get; init; } = [];

    /// <summary>
    /// Its hot zones (P7), rising, at most <see cref="HotZonesMax"/> runs: near ones are joined where there
    /// are more.
    /// </summary>
    public IReadOnlyList<ZoneRun> HotZones { get; init; } = [];

    /// <summary>Most ranges in one answer.</summary>
    public const int UnderWayMax = 4096;

    /// <summary>Most runs of hot zones in one answer.</summary>
    public const int HotZonesMax = 8192;
}

/// <summary>
/// Moves a replica's files to the node's trash: answered by ReplicaDone or ReplicaFailed. A replica that
/// knows a higher serial or epoch stays where it is (StaleSerial, StaleEpoch): the asker's store is older
/// than the data (P4).
/// </summary>
/// <param name="Tag">Comes back in the answer.</param>
/// <param name="Identity">The replica.</param>
/// <param name="Serial">The highest serial that the asker knows of the volume's record.</param>
/// <param name="Epoch">The highest epoch that it knows of the volume.</param>
public sealed record RemoveReplica(int Tag, ReplicaIdentity Identity, long Serial, uint Epoch);
