using Replication.Messages;

namespace Replication.Cluster.Records;

/// <summary>
/// The bounds of a volume's record. A record within them is at most <see cref="EncodedLengthMaxBytes"/>.
/// </summary>
public static class RecordLimits
{
    /// <summary>The longest name of a volume or node.</summary>
    public const int NameLengthMax = 64;

    /// <summary>The longest name of an owner.</summary>
    public const int OwnerLengthMax = 128;

    /// <summary>The most children.</summary>
    public const int ChildrenMax = 32;

    /// <summary>The largest volume: 64 TiB.</summary>
    public const long SizeMaxBytes = 1L << 46;

    /// <summary>The unit of bad blocks (P22) and of the second vote: 4 KiB.</summary>
    public const int BlockLengthBytes = RequestLimits.BlockLengthBytes;

    /// <summary>The most bad blocks; one that does not fit holds back a promotion (P21).</summary>
    public const int BadBlocksMax = 4096;

    /// <summary>
    /// The highest epoch that is given to an owner. The last number of 24 bits is never given, so that a
    /// fence can always be set above every owner (P6).
    /// </summary>
    public const uint EpochMax = (1u << 24) - 2;

    /// <summary>
    /// The longest encoded record, in the store and in the copy that each sidecar keeps (P4). Exceeding it
    /// while all other bounds hold is impossible.
    /// </summary>
    public const int EncodedLengthMaxBytes = 60 * 1024;
}
