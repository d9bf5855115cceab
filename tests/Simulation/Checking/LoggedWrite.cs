namespace Replication.Simulation.Checking;

/// <summary>One write or zeroing as its client saw it, on the world's clock of steps.</summary>
/// <param name="value">Its number, which no other write has; 0 for zeroes.</param>
/// <param name="start">When it was sent.</param>
internal sealed class LoggedWrite(long value, long start)
{
    internal long Value { get; } = value;

    internal long Start { get; } = start;

    /// <summary>
    /// When it was acknowledged; <see cref="long.MaxValue"/> while it was not: then it may take effect at any
    /// time from its start on, or never.
    /// </summary>
    internal long End { get; private set; } = long.MaxValue;

    internal bool IsAcknowledged => End != long.MaxValue;

    /// <summary>True when its acknowledgement alone says that it is durable.</summary>
    internal bool IsDurable { get; private set; }

    internal void Acknowledge(long end, bool durable)
    {
        End = end;
        IsDurable = durable;
    }

    /// <summary>True when it surely came and went before the other began.</summary>
    internal bool IsBefore(LoggedWrite other) => End < other.Start;
}
