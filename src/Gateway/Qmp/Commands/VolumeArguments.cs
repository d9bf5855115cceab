using Replication.Cluster.Records;
using Replication.Messages.Digests;

namespace Replication.Gateway.Qmp.Commands;

/// <summary>
/// The arguments that <c>volume-create</c> and <c>blockdev-add</c> of a quorum share, and QEMU's rules on
/// them.
/// </summary>
internal static class VolumeArguments
{
    private const int SectorBytes = 512;

    /// <summary>A size in bytes, or null.</summary>
    public static long? OptionalSize(QmpArguments arguments) =>
        arguments.OptionalInteger("size", 1, RecordLimits.SizeMaxBytes);

    /// <summary>
    /// Why that cannot be a volume's size. QEMU counts in sectors: it would round such a size up and write
    /// past the end.
    /// </summary>
    public static string? SizeError(long sizeBytes) => sizeBytes % SectorBytes == 0
        ? null
        : $"Parameter 'size' expects a multiple of {SectorBytes}";

    /// <summary>All options; the threshold still wants <see cref="Error"/>.</summary>
    /// <param name="arguments">What the client gave.</param>
    /// <param name="threshold">Votes that a version needs.</param>
    public static VolumeOptions Options(QmpArguments arguments, long threshold) => new()
    {
        Threshold = (int)Math.Clamp(threshold, 0, int.MaxValue),
        ReadPattern = arguments.OptionalWord<ReadPattern>("read-pattern") ?? ReadPattern.Quorum,
        RewriteCorrupted = arguments.OptionalBoolean("rewrite-corrupted") ?? false,
        Blkverify = arguments.OptionalBoolean("blkverify") ?? false,
        Digest = arguments.OptionalWord<DigestKind>("digest") ?? DigestKind.Xxh128,
        Durability = arguments.OptionalWord<Durability>("durability") ?? Durability.Flush,
        OnCacheLoss = arguments.OptionalWord<CacheLossPolicy>("on-cache-loss") ?? CacheLossPolicy.Continue,
    };

    /// <summary>What QEMU would refuse, in its order and words; null when nothing is.</summary>
    public static string? Error(VolumeOptions options, int childCount)
    {
        if (options.Threshold < 1)
        {
            return "Parameter 'vote-threshold' expects a value >= 1";
        }

        if (options.Threshold > childCount)
        {
            return "threshold may not exceed children count";
        }

        if (options.Blkverify && (childCount != 2 || options.Threshold != 2))
        {
            return "blkverify=on can only be set if there are exactly two files and vote-threshold is 2";
        }

        return options is { Blkverify: true, RewriteCorrupted: true }
            ? "rewrite-corrupted=on cannot be used with blkverify=on"
            : null;
    }
}
