namespace Replication.Gateway.Qmp.Blocks;

/// <summary>
/// A replica that was announced by <c>blockdev-add</c>. Its file is made when a quorum takes it.
/// </summary>
/// <param name="NodeName">By which it is referred to.</param>
/// <param name="Host">The storage node that is to keep it.</param>
/// <param name="SizeBytes">What its volume must have; null for whatever that is.</param>
internal sealed record ReplicaNode(string NodeName, string Host, long? SizeBytes);
