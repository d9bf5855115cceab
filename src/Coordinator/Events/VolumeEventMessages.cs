using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;

namespace Replication.Coordinator.Events;

/// <summary>
/// Something about a volume that an operator or a management tool is told. Published on the event stream of
/// the gateway's system; the gateway room keeps them and shows them as QMP events.
/// </summary>
/// <param name="At">When, in UTC, by the system's clock.</param>
public abstract record VolumeEvent(DateTimeOffset At);

/// <summary>The kind of request that a report is about.</summary>
public enum QuorumOperation
{
    Read,
    Write,
    Flush,
}

/// <summary>QEMU's QUORUM_REPORT_BAD: a child failed, or lost a vote.</summary>
/// <param name="At">See <see cref="VolumeEvent"/>.</param>
/// <param name="Operation">Of which kind of request.</param>
/// <param name="Error">The errno's text; null for a lost vote.</param>
/// <param name="NodeName">The replica's node-name, <c>VOLUME-NODE</c>.</param>
/// <param name="SectorNum">First 512-byte sector of the request, rounded outward; 0 for a flush.</param>
/// <param name="SectorsCount">Sectors of the request, rounded outward; 0 for a flush.</param>
public sealed record QuorumReportBad(
    DateTimeOffset At,
    QuorumOperation Operation,
    string? Error,
    string NodeName,
    long SectorNum,
    long SectorsCount)
    : VolumeEvent(At);

/// <summary>
/// QEMU's QUORUM_FAILURE: a request failed because no version, or too few children, reached the threshold.
/// </summary>
/// <param name="At">See <see cref="VolumeEvent"/>.</param>
/// <param name="Reference">The volume's name.</param>
/// <param name="SectorNum">First 512-byte sector, rounded outward.</param>
/// <param name="SectorsCount">Sectors, rounded outward.</param>
public sealed record QuorumFailure(DateTimeOffset At, string Reference, long SectorNum, long SectorsCount)
    : VolumeEvent(At);

/// <summary>A loser was rewritten with the winning data (P19).</summary>
/// <param name="At">See <see cref="VolumeEvent"/>.</param>
/// <param name="NodeName">Whose replica.</param>
/// <param name="SectorNum">First 512-byte sector that was rewritten.</param>
/// <param name="SectorsCount">Sectors that were rewritten.</param>
public sealed record RangeRepaired(DateTimeOffset At, string NodeName, long SectorNum, long SectorsCount)
    : VolumeEvent(At);

/// <summary>A child's recorded state changed.</summary>
public sealed record ChildStateChanged(
    DateTimeOffset At, string Volume, string Child, string NodeName, ChildState State, string Reason)
    : VolumeEvent(At);

/// <summary>The volume's condition as a whole changed.</summary>
public sealed record VolumeConditionChanged(
    DateTimeOffset At, string Volume, VolumeCondition Condition, string Reason)
    : VolumeEvent(At);

/// <summary>The copying of what a child missed begins, or begins anew (P20).</summary>
/// <param name="At">See <see cref="VolumeEvent"/>.</param>
/// <param name="Volume">The volume's name.</param>
/// <param name="Child">The slot, <c>children.N</c>.</param>
/// <param name="NodeName">The replica's node-name.</param>
/// <param name="Everything">True: a rebuild, nothing on it counts (clean 0).</param>
public sealed record ResyncStarted(
    DateTimeOffset At, string Volume, string Child, string NodeName, bool Everything)
    : VolumeEvent(At);

/// <summary>How far a resync is; at most one in five seconds for each child.</summary>
public sealed record ResyncProgressed(
    DateTimeOffset At, string Volume, string Child, string NodeName, ResyncProgress Progress)
    : VolumeEvent(At);

/// <summary>A resync is over.</summary>
/// <param name="At">See <see cref="VolumeEvent"/>.</param>
/// <param name="Volume">The volume's name.</param>
/// <param name="Child">The slot, <c>children.N</c>.</param>
/// <param name="NodeName">The replica's node-name.</param>
/// <param name="Progress">What it did.</param>
/// <param name="Error">Why it ended without the child in sync; null when it is Synced.</param>
public sealed record ResyncEnded(
    DateTimeOffset At, string Volume, string Child, string NodeName, ResyncProgress Progress, string? Error)
    : VolumeEvent(At);

/// <summary>
/// Every memory of unflushed writes was lost (P12): writes that no flush followed may be gone, and the
/// connections of before are closed.
/// </summary>
public sealed record UnflushedWritesLost(DateTimeOffset At, string Volume, string Reason) : VolumeEvent(At);

/// <summary>4 KiB blocks without a winner went on the bad list, or came off it (P22).</summary>
/// <param name="At">See <see cref="VolumeEvent"/>.</param>
/// <param name="Volume">The volume's name.</param>
/// <param name="SectorNum">First 512-byte sector.</param>
/// <param name="SectorsCount">Sectors.</param>
/// <param name="Bad">True: reads of them fail from now on.</param>
public sealed record BadBlocksChanged(
    DateTimeOffset At, string Volume, long SectorNum, long SectorsCount, bool Bad)
    : VolumeEvent(At);

/// <summary>Blkverify: the two children differ, and the volume has stopped.</summary>
/// <param name="At">See <see cref="VolumeEvent"/>.</param>
/// <param name="Volume">The volume's name.</param>
/// <param name="ByteOffset">The first byte that differs, from the start of the volume.</param>
/// <param name="SectorNum">First 512-byte sector of the read, rounded outward.</param>
/// <param name="SectorsCount">Sectors of the read, rounded outward.</param>
/// <param name="FirstNodeName">The replica of the first child.</param>
/// <param name="SecondNodeName">The replica of the second.</param>
public sealed record BlkverifyMismatch(
    DateTimeOffset At,
    string Volume,
    long ByteOffset,
    long SectorNum,
    long SectorsCount,
    string FirstNodeName,
    string SecondNodeName)
    : VolumeEvent(At);

/// <summary>A volume is there that was not before: its record and every replica are made.</summary>
/// <param name="At">See <see cref="VolumeEvent"/>.</param>
/// <param name="Volume">The volume's name.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="Threshold">Equal answers that win a read.</param>
/// <param name="Children">Where its replicas are, in order.</param>
public sealed record VolumeCreated(
    DateTimeOffset At, string Volume, long SizeBytes, int Threshold, IReadOnlyList<CreatedChild> Children)
    : VolumeEvent(At);

/// <summary>One child of a volume that was created.</summary>
/// <param name="Child">The slot, <c>children.N</c>.</param>
/// <param name="NodeName">The replica's node-name.</param>
/// <param name="Node">The storage node that it is on.</param>
public sealed record CreatedChild(string Child, string NodeName, string Node);

/// <summary>A volume is not in the store any more, and its nodes have had their time to drop it.</summary>
/// <param name="At">See <see cref="VolumeEvent"/>.</param>
/// <param name="Volume">The name that it had.</param>
/// <param name="LeftOn">Nodes that could not be told: their files stay for now.</param>
public sealed record VolumeRemoved(DateTimeOffset At, string Volume, IReadOnlyList<string> LeftOn)
    : VolumeEvent(At);

/// <summary>An administrator has started a volume again that blkverify had stopped.</summary>
public sealed record VolumeReopened(DateTimeOffset At, string Volume) : VolumeEvent(At);

/// <summary>A volume has one child more; it is built from now on.</summary>
/// <param name="At">See <see cref="VolumeEvent"/>.</param>
/// <param name="Volume">The volume's name.</param>
/// <param name="Child">The slot, <c>children.N</c>.</param>
/// <param name="NodeName">The replica's node-name.</param>
/// <param name="Node">The storage node that it is on.</param>
public sealed record MemberAdded(
    DateTimeOffset At, string Volume, string Child, string NodeName, string Node)
    : VolumeEvent(At);

/// <summary>A child was taken out of a volume, and its node has had its time to drop the replica.</summary>
/// <param name="At">See <see cref="VolumeEvent"/>.</param>
/// <param name="Volume">The volume's name.</param>
/// <param name="Child">The slot that it had, <c>children.N</c>.</param>
/// <param name="NodeName">The replica's node-name.</param>
/// <param name="Node">The storage node that it was on.</param>
/// <param name="IsLeft">True: the node could not be told, its files stay for now.</param>
public sealed record MemberRemoved(
    DateTimeOffset At, string Volume, string Child, string NodeName, string Node, bool IsLeft)
    : VolumeEvent(At);
