using Replication.Messages;

namespace Replication.Cluster.Records;

/// <summary>
/// A replica that no volume has any more, or is about to lose: its files may still lie there.
/// </summary>
/// <param name="Node">The storage node.</param>
/// <param name="Identity">The replica, by which the node knows it from one of a later volume.</param>
public sealed record LeftReplica(string Node, ReplicaIdentity Identity);
