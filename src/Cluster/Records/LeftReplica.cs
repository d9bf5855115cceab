using Replication.Messages;

namespace Replication.Cluster.Records;

/// <summary>
/// A replica that no volume has any more, or is about to lose: its files may still lie there.
/// </summary>
/// <param name="Node">The storage node.</param>
/// <param name="Identity">The replica, by which the node knows it from one of a later volume.</param>
/// <param name="Serial">
/// The highest serial of the volume's record that is known with it. A replica that knows a higher one counts
/// by a change that the store has lost, and is not removed (P4).
/// </param>
/// <param name="Epoch">The highest epoch of the volume that is known with it; the same holds for it.</param>
public sealed record LeftReplica(string Node, ReplicaIdentity Identity, long Serial, uint Epoch)
{
    /// <summary>What is known together with a record of the same volume; another's tells nothing.</summary>
    public LeftReplica With(VolumeRecord record) =>
        record.Id == Identity.VolumeId ? Knowing(record.Serial, record.Epoch) : this;

    /// <summary>What is known together with these, which may be lower.</summary>
    internal LeftReplica Knowing(long serial, uint epoch) =>
        this with { Serial = Math.Max(Serial, serial), Epoch = Math.Max(Epoch, epoch) };
}
