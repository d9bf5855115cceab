using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Observing;

namespace Replication.Coordinator.Volumes;

/// <summary>What a volume needs of its surroundings.</summary>
/// <param name="Records">The records in the cluster store.</param>
/// <param name="StorageOf">The storage actor of a node, by the node's name.</param>
/// <param name="Owner">Who owns the volumes of this gateway: its node's name and system uid.</param>
/// <param name="Settings">Times and limits.</param>
public sealed record VolumeSeams(
    VolumeRecords Records, Func<string, IActorRef> StorageOf, string Owner, VolumeSettings Settings)
{
    /// <summary>Hears of every finished request.</summary>
    public IRequestObserver Observer { get; init; } = NoRequestObserver.Instance;
}
