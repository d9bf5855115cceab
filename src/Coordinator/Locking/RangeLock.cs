namespace Replication.Coordinator.Locking;

/// <summary>One request's hold on a range of the volume, waiting or granted.</summary>
/// <param name="offsetBytes">First byte.</param>
/// <param name="lengthBytes">At least 1.</param>
/// <param name="exclusive">True for whatever changes the range; shared ones run side by side.</param>
public sealed class RangeLock(long offsetBytes, long lengthBytes, bool exclusive)
{
    /// <summary>First byte.</summary>
    public long OffsetBytes { get; } = offsetBytes;

    /// <summary>The byte after the last.</summary>
    public long EndBytes { get; } = offsetBytes + lengthBytes;

    /// <summary>True for whatever changes the range.</summary>
    public bool Exclusive { get; } = exclusive;

    /// <summary>True from the moment no earlier lock stands in the way.</summary>
    public bool IsGranted => Blockers == 0 && Sequence > 0;

    /// <summary>Whoever asked for the lock, for the one who grants it.</summary>
    public object? Owner { get; init; }

    internal long Sequence { get; set; }

    internal int Blockers { get; set; }

    internal bool ConflictsWith(RangeLock other) =>
        (Exclusive || other.Exclusive) && OffsetBytes < other.EndBytes && other.OffsetBytes < EndBytes;
}
