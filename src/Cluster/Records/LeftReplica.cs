using Replication.Messages;

namespace Replication.Cluster.Records;

/// <summary>A replica of a volume that is deleted, or about to be: its files may still lie there.</summary>
/// <param name="Node">The storage node.</param>
/// <param name="Identity">The replica, by which the node knows it from one of a later volume.</param>
public sealed record LeftReplica(string Node, ReplicaIdentity Identity);
