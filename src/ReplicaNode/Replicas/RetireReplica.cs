using Replication.Messages;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// From the storage actor: the files are to be moved away. What was asked before is answered first; then the
/// replica ends, or says <see cref="RetireRefused"/> and goes on.
/// </summary>
/// <param name="Remove">What the storage actor was asked.</param>
internal sealed record RetireReplica(RemoveReplica Remove);

/// <summary>The replica stays: who wants it away knows less than its sidecar does (P4).</summary>
internal sealed record RetireRefused(string VolumeName, ReplicaFailed Failure);
