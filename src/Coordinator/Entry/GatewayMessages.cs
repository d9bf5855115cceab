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
    string Name, long SizeBytes, IReadOnlyList<string>? Nodes, VolumeOptions Options)
{
    /// <summary>
    /// The replicas' node-names, one for each of <see cref="Nodes"/> in its order; null: <c>VOLUME-NODE</c>.
    /// </summary>
    public IReadOnlyList<string>? NodeNames { get; init; }

    /// <summary>Whether it is offered to NBD clients under its own name at once.</summary>
    public bool IsExported { get; init; } = true;
}

/// <summary>
/// Closes a volume, takes its record out of the store and moves its replicas to their nodes' trash: answered
/// by VolumeDeleted, also when a node cannot be reached, or by AdminRefused.
/// </summary>
public sealed record DeleteVolume(string Name);

/// <summary>The volume is not in the store any more.</summary>
/// <param name="Name">Its name.</param>
/// <param name="LeftOn">Nodes that could not be told: their files stay until the gateway's next start, or
/// until a volume of that name is made there.</param>
public sealed record VolumeDeleted(string Name, IReadOnlyList<string> LeftOn);

/// <summary>
/// Starts a volume again that blkverify has stopped: answered by VolumeReady, or by AdminRefused, also where
/// it is not stopped.
/// </summary>
public sealed record ReopenVolume(string Name);

/// <summary>
/// Offers a volume to NBD clients: answered by ExportsChanged or AdminRefused. That neither id nor name is
/// used by another volume is the asker's to check.
/// </summary>
public sealed record AddExport(string Volume, VolumeExport Export);

/// <summary>
/// Offers a volume no more under this export's name; who is attached is disconnected: answered by
/// ExportsChanged or AdminRefused.
/// </summary>
public sealed record RemoveExport(string Volume, string Id);

/// <summary>The record has these exports of the volume now.</summary>
public sealed record ExportsChanged(string Volume, IReadOnlyList<VolumeExport> Exports);

/// <summary>
/// Waits until a volume's opening is settled: answered by VolumeReady or AdminRefused (no such volume).
/// </summary>
public sealed record AwaitVolume(string Name);

/// <summary>The volume's opening is settled, well or not: the status says how it is doing.</summary>
public sealed record VolumeReady(VolumeStatus Status);

/// <summary>An administrator's request is not carried out, in one sentence.</summary>
public sealed record AdminRefused(string Reason);

/// <summary>
/// Gives a volume one child more, a new replica on this node that is then built (P20): answered by ChildAdded
/// or AdminRefused.
/// </summary>
public sealed record AddChild(string Volume, string Node)
{
    /// <summary>The replica's node-name; null: <c>VOLUME-NODE</c>.</summary>
    public string? NodeName { get; init; }

    /// <summary>The size that the replica was announced with; another than the volume's is refused.</summary>
    public long? SizeBytes { get; init; }
}

/// <summary>The child is in the record and is being built; status and events say how far it is.</summary>
/// <param name="Child">Its slot, <c>children.N</c>.</param>
/// <param name="NodeName">The replica's node-name.</param>
public sealed record ChildAdded(string Child, string NodeName);

/// <summary>
/// Takes a child out of a volume and moves its files to its node's trash: answered by ChildRemoved, also when
/// the node cannot be reached, or by AdminRefused where the volume would fall below its threshold (I6).
/// </summary>
/// <param name="Volume">The volume's name.</param>
/// <param name="Child">The slot, <c>children.N</c>.</param>
public sealed record RemoveChild(string Volume, string Child);

/// <summary>The child is not in the record any more.</summary>
/// <param name="Child">The slot that it had.</param>
public sealed record ChildRemoved(string Child)
{
    /// <summary>
    /// Its node could not be told: its files stay until the gateway's next start, or until a child of the
    /// volume, or a volume of that name, is made there.
    /// </summary>
    public bool IsLeft { get; init; }

    /// <summary>The node that it was on.</summary>
    public string Node { get; init; } = "";
}

/// <summary>Asks for the status of all volumes: answered by <see cref="VolumeList"/>.</summary>
public sealed record QueryVolumes;

/// <summary>
/// All volumes, by name in ordinal order; those that do not answer within a second as they were last.
/// </summary>
public sealed record VolumeList(IReadOnlyList<VolumeStatus> Volumes);

/// <summary>
/// Closes every volume cleanly: answered by <see cref="GatewayClosed"/> when replicas are closed or gone.
/// </summary>
public sealed record CloseGateway;

/// <summary>Every volume is closed.</summary>
public sealed record GatewayClosed;

/// <summary>
/// Published on the event stream: a volume can be attached from now on; its actor takes RangeRequests.
/// Published again, with the same actor, when its exports change.
/// </summary>
public sealed record VolumeExported(string Name, long SizeBytes, IActorRef Volume)
{
    /// <summary>The names under which it is offered; connections to others of it end.</summary>
    public IReadOnlyList<VolumeExport> Exports { get; init; } = [VolumeExport.OwnOf(Name)];

    /// <inheritdoc/>
    public bool Equals(VolumeExported? other) =>
        other is not null && Name == other.Name && SizeBytes == other.SizeBytes
        && Volume.Equals(other.Volume) && Exports.SequenceEqual(other.Exports);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, SizeBytes);
}

/// <summary>Published on the event stream: the volume is gone or has stopped.</summary>
public sealed record VolumeWithdrawn(string Name, string Reason);

/// <summary>
/// Published on the event stream: blkverify has stopped the volume, so it cannot be attached until it is
/// reopened. Published after <see cref="VolumeWithdrawn"/>, instead of <see cref="VolumeExported"/> when such
/// a volume is started, and again when its exports change.
/// </summary>
/// <param name="Name">The volume's.</param>
/// <param name="Exports">The names under which it would be offered.</param>
/// <param name="Difference">Where its children differ, in words; null: an earlier owner saw it.</param>
public sealed record VolumeHeldBack(string Name, IReadOnlyList<VolumeExport> Exports, string? Difference);
