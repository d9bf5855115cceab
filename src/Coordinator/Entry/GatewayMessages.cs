using Replication.Actors;
using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Entry;

/// <summary>
/// Makes a volume, one replica on each node, and starts it: answered by VolumeReady or AdminRefused.
/// </summary>
/// <param name="Name">See VolumeRecord for the grammar.</param>
/// <param name="SizeBytes">A positive multiple of 512.</param>
/// <param name="Nodes">Storage nodes, in the order of the children; null or empty: all of them.</param>
/// <param name="Options">The threshold and the rest.</param>
public sealed record CreateVolume(
    string Name, long SizeBytes, IReadOnlyList<string>? Nodes, VolumeOptions Options);

/// <summary>
/// Waits until a volume's opening is settled: answered by VolumeReady or AdminRefused (no such volume).
/// </summary>
public sealed record AwaitVolume(string Name);

/// <summary>The volume's opening is settled, well or not: the status says how it is doing.</summary>
public sealed record VolumeReady(VolumeStatus Status);

/// <summary>An administrator's request is not carried out, in one sentence.</summary>
public sealed record AdminRefused(string Reason);

/// <summary>Asks for the status of all volumes: answered by <see cref="VolumeList"/>.</summary>
public sealed record QueryVolumes;

/// <summary>All volumes, by name in ordinal order.</summary>
public sealed record VolumeList(IReadOnlyList<VolumeStatus> Volumes);

/// <summary>
/// Closes every volume cleanly: answered by <see cref="GatewayClosed"/> when replicas are closed or gone.
/// </summary>
public sealed record CloseGateway;

/// <summary>Every volume is closed.</summary>
public sealed record GatewayClosed;

/// <summary>
/// Published on the event stream: a volume can be attached from now on; its actor takes RangeRequests.
/// </summary>
public sealed record VolumeExported(string Name, long SizeBytes, IActorRef Volume);

/// <summary>Published on the event stream: the volume is gone or has stopped.</summary>
public sealed record VolumeWithdrawn(string Name, string Reason);
