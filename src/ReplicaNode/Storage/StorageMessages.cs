using Replication.Messages;
using Replication.ReplicaNode.Replicas;

namespace Replication.ReplicaNode.Storage;

/// <summary>
/// A loader's end: a replica, which now belongs to the receiver, or the refusal for whoever asked; neither
/// where only ids were asked for, and they are the right ones on files that are no whole replica.
/// </summary>
internal sealed record ReplicaLoadEnded(string VolumeName, LoadedReplica? Replica, ReplicaFailed? Failure);

/// <summary>A creator's end: null when the replica stands.</summary>
internal sealed record ReplicaCreateEnded(string VolumeName, ReplicaFailed? Failure);
