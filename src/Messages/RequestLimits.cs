namespace Replication.Messages;

/// <summary>
/// What volumes and replicas agree on about one request. Both count with these: a replica that cut blocks
/// otherwise would have its digests refused.
/// </summary>
public static class RequestLimits
{
    /// <summary>Longest read or write, in bytes: 32 MiB, what NBD says of block sizes.</summary>
    public const int LengthMaxBytes = 32 << 20;

    /// <summary>The unit of block digests, of the second vote (P14) and of bad blocks (P22): 4 KiB.</summary>
    public const int BlockLengthBytes = 4096;

    /// <summary>A region: the unit of stamps and resync (P6), 64 KiB.</summary>
    public const int RegionLengthBytes = 64 << 10;

    /// <summary>A zone: the unit of hot marks (P7), 4 MiB.</summary>
    public const int ZoneLengthBytes = 4 << 20;
}
