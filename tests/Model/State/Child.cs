using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Replication.Model.State;

/// <summary>One byte for each of the two blocks (each a region of its own, both in one zone).</summary>
[InlineArray(2)]
internal struct PerBlock
{
    private byte _first;
}

/// <summary>What each of the two owners knows of a child.</summary>
[InlineArray(2)]
internal struct PerOwner
{
    private Link _first;
}

/// <summary>The children; those past the bound in use stay all zero.</summary>
[InlineArray(4)]
internal struct Children
{
    private Child _first;
}

/// <summary>
/// A child: its entry in the record, its replica's memory and disk, and what the owners know of it.
/// Everything that is said of one child is in here, so that ordering the children by their bytes makes states
/// that differ only by the children's names one state.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Child
{
    /// <summary>The state that the record in the store gives it: <see cref="ChildState"/>.</summary>
    public byte Recorded;

    /// <summary>1 while the process runs.</summary>
    public byte Up;

    /// <summary>P9's flag, in memory.</summary>
    public byte Continuous;

    /// <summary>1 while the zone is hot, as the process believes (P7).</summary>
    public byte HotMemory;

    /// <summary>1 while the hot mark is durable.</summary>
    public byte HotDisk;

    /// <summary>1 while the mark is from an earlier incarnation, whose stamps may be lost.</summary>
    public byte HotInherited;

    /// <summary>The epoch persisted by opens (P9).</summary>
    public byte Fence;

    /// <summary>1 + the owner whose session the replica accepts; 0 none.</summary>
    public byte Accepts;

    /// <summary>The checkpoint that it took part in, durable (P16, P20).</summary>
    public byte Clean;

    /// <summary>
    /// A write of a session that its owner gave up: it may be applied later, or never. 0 none.
    /// </summary>
    public byte LateValue;

    /// <summary>The stamp of the late write.</summary>
    public byte LateStamp;

    /// <summary>The block of the late write.</summary>
    public byte LateBlock;

    /// <summary>
    /// A bit for each block remembered as stamped above the low-water mark (P17), in memory.
    /// </summary>
    public byte Ranges;

    /// <summary>Data as read: 0 at first, then the number of a write.</summary>
    public PerBlock Data;

    /// <summary>Data that survives power loss.</summary>
    public PerBlock Disk;

    /// <summary>The largest stamp of each region (P6).</summary>
    public PerBlock Stamp;

    /// <summary>The stamps that survive power loss.</summary>
    public PerBlock StampDisk;

    /// <summary>What each owner knows.</summary>
    public PerOwner Links;
}

/// <summary>What one owner knows of one child.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct Link
{
    /// <summary>1 while the owner holds a session that it has not given up.</summary>
    public byte Open;

    /// <summary>1 while the incarnation known to the owner is the child's (P8).</summary>
    public byte SameLife;

    /// <summary>1 when the child was continuous: reconcile takes versions from it (P18).</summary>
    public byte Source;

    /// <summary>The state in the record as the owner believes it to be.</summary>
    public byte Believed;

    /// <summary>The state in the change under way, while one is.</summary>
    public byte Proposed;

    /// <summary>1 + the value answered to the read under way; 0 none.</summary>
    public byte Answer;

    /// <summary>1 when it synced for the flush under way.</summary>
    public byte Flushed;

    /// <summary>1 while it is being resynced by this owner.</summary>
    public byte Resyncing;

    /// <summary>A bit for each block that is still to be copied (P20).</summary>
    public byte ToCopy;

    /// <summary>How far the write under way in each block is: <see cref="Progress"/>.</summary>
    public PerBlock Op;
}

/// <summary>States in the record (P2).</summary>
internal static class ChildState
{
    public const byte Stale = 0;
    public const byte Synced = 1;
    public const byte Lapsed = 2;
}

/// <summary>How far a write is on one child.</summary>
internal static class Progress
{
    public const byte None = 0;
    public const byte Sent = 1;
    public const byte Done = 2;
    public const byte Failed = 3;
}
