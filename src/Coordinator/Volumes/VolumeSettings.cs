namespace Replication.Coordinator.Volumes;

/// <summary>
/// Times and limits that a gateway runs its volumes by; the names in cluster.hocon stand in front.
/// </summary>
public sealed record VolumeSettings
{
    /// <summary>child-timeout: a child that has not answered for this long is out (P13).</summary>
    public TimeSpan ChildTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// read-hedge: how long the data child may lag behind an agreed vote before another is asked.
    /// </summary>
    public TimeSpan ReadHedge { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// open-timeout: how long an opening waits for all children before it goes on with f of them (P10).
    /// </summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>open-retry: between two attempts to open a child that did not answer.</summary>
    public TimeSpan OpenRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// checkpoint-interval: a volume that was written to is flushed at least this often, so that hot marks
    /// can go (P7, P16).
    /// </summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// hot-zones-max: distinct zones written since the last checkpoint; half of them bring the next one on,
    /// and at all of them writes to further zones wait for it (P7).
    /// </summary>
    public int HotZonesMax { get; init; } = 4096;

    /// <summary>resync-in-flight: regions of one child that are copied at a time.</summary>
    public int ResyncInFlight { get; init; } = 16;

    /// <summary>resync-rate-max: bytes a second that one resync copies; 0 is no limit.</summary>
    public long ResyncRateMax { get; init; }

    /// <summary>Stamps of one epoch before the owner raises its own (P6); tests alone set fewer.</summary>
    internal ulong EpochStampsMax { get; init; } = StampClock.CounterMax;

    /// <summary>How often deadlines are looked at: a late answer is found this much later.</summary>
    internal TimeSpan DeadlineCheckInterval => ChildTimeout / 10;

    /// <summary>What is said of a child that has not answered for child-timeout.</summary>
    internal string LateReason => $"did not answer within {ChildTimeout.TotalSeconds:0.###} s";

    /// <summary>Most requests waiting or under way in one volume; one more is refused.</summary>
    internal int RequestsMax { get; init; } = 65_536;
}
