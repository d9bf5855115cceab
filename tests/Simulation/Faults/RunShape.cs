using Replication.Cluster.Records;
using Replication.Coordinator.Volumes;
using Replication.TestKit.Simulation;

namespace Replication.Simulation.Faults;

/// <summary>What a seed makes of its cluster, its volume and its times.</summary>
internal sealed class RunShape
{
    private const double BlkverifyChance = 0.08;

    /// <param name="random">What every seed draws from.</param>
    /// <param name="modes">Whether it becomes a blkverify volume: apart, so that other seeds stay what they
    /// are.</param>
    internal RunShape(SeededIdSource random, SeededIdSource modes)
    {
        ChildCount = random.Pick([2, 3, 3, 3, 3, 3, 4, 4, 5, 5]);
        SpareCount = random.NextInt(2);
        int majority = (ChildCount / 2) + 1;
        FaultCount = random.NextInt(13);
        Options = new VolumeOptions
        {
            Threshold = random.Chance(0.7) ? majority : 1 + random.NextInt(ChildCount),
            ReadPattern = random.Chance(0.1) ? ReadPattern.Fifo : ReadPattern.Quorum,
            RewriteCorrupted = random.Chance(0.75),
            Durability = random.Chance(0.2) ? Durability.Write : Durability.Flush,
            OnCacheLoss = random.Chance(0.15) ? CacheLossPolicy.Refuse : CacheLossPolicy.Continue,
        };
        Settings = new VolumeSettings
        {
            ChildTimeout = random.Pick([Seconds(1), Seconds(2), Seconds(5)]),
            OpenTimeout = random.Pick([Seconds(1), Seconds(5)]),
            OpenRetry = random.Pick([Seconds(0.2), Seconds(1)]),
            CheckpointInterval = random.Pick([Seconds(0.3), Seconds(1), Seconds(5)]),
            HotZonesMax = random.Pick([2, 4, 4096]),
            ResyncInFlight = random.Pick([1, 4, 16]),
            ResyncRateMax = random.Pick([0L, 0L, 8L << 20]),
            EpochStampsMax = random.Chance(0.1) ? 100 : StampClock.CounterMax,
        };
        if (modes.Chance(BlkverifyChance))
        {
            ChildCount = 2;
            Options = Options with
            {
                Threshold = 2,
                Blkverify = true,
                RewriteCorrupted = false,
                ReadPattern = ReadPattern.Quorum,
            };
        }

        ExtraRotCount = Options.Blkverify || TrustsOneDisk ? modes.NextInt(3) : 0;
        IsCalm = IsMajority && random.Chance(0.2);
        LyingNode = random.Chance(0.15) && ChildCount >= 3 && IsMajority
            ? 1 + random.NextInt(ChildCount)
            : null;
    }

    /// <summary>
    /// True: no owner ends and no replica forgets, so that bytes which one disk alone got wrong never win
    /// (I1).
    /// </summary>
    internal bool IsCalm { get; }

    /// <summary>Children of the volume at first; each node has one.</summary>
    internal int ChildCount { get; }

    /// <summary>Storage nodes that have no child of the volume at first.</summary>
    internal int SpareCount { get; }

    internal int FaultCount { get; }

    /// <summary>Times that a disk lies besides, where the mode is about disks that do.</summary>
    internal int ExtraRotCount { get; }

    internal VolumeOptions Options { get; }

    internal VolumeSettings Settings { get; }

    /// <summary>
    /// Number of the node whose disk may lie about syncs; null: none does. One of at least three, with a
    /// threshold that is a majority: honest children outvote it, and I2 still says what it says of the
    /// others.
    /// </summary>
    internal int? LyingNode { get; }

    /// <summary>
    /// True for fifo, which believes the first child that can read (I1): what reads return of a sector that
    /// some disk got wrong by itself is not checked in such a run; of all other sectors everything is.
    /// </summary>
    internal bool TrustsOneDisk => Options.ReadPattern == ReadPattern.Fifo;

    /// <summary>t > n/2: no two versions can win, and bytes that one disk got wrong never do.</summary>
    internal bool IsMajority => Options.Threshold * 2 > ChildCount;

    private static TimeSpan Seconds(double count) => TimeSpan.FromSeconds(count);
}
