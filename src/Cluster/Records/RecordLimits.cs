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

    /// <summary>The longest node-name that a replica can be given, and the longest id of an export.</summary>
    public const int GivenNameLengthMax = 64;

    /// <summary>The most exports of a volume; how much they may take is bounded by the record.</summary>
    public const int ExportsMax = 64;

    /// <summary>The longest name and the longest description of an export, in bytes of UTF-8.</summary>
    public const int ExportTextMaxBytes = 2048;

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

    /// <summary>
    /// What children and exports may take of that together: beside them there is always room for the
    /// longest list of bad blocks, which may not be refused for anything else than its own bound (P21).
    /// </summary>
    public const int MembersLengthMaxBytes =
        EncodedLengthMaxBytes - (BadBlocksMax * BadBlockLengthMaxBytes) - HeadLengthMaxBytes;

    /// <summary>The most that a child takes, in whichever state: a change of state always fits.</summary>
    public const int ChildLengthMaxBytes = 256;

    /// <summary>11 digits and a comma.</summary>
    private const int BadBlockLengthMaxBytes = 12;

    /// <summary>The most that all other fields take.</summary>
    private const int HeadLengthMaxBytes = 800;
}
