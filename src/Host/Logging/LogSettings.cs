using Replication.Actors.Logging;

namespace Replication.Host.Logging;

/// <summary>What a log can be told.</summary>
internal sealed record LogSettings
{
    /// <summary>Entries below are left out.</summary>
    public LogLevel Level { get; init; } = LogLevel.Info;

    /// <summary>Length at which the file is set aside.</summary>
    public long LengthMaxBytes { get; init; } = 16L << 20;

    /// <summary>Most entries that wait to be written; the ones after that are lost, and counted.</summary>
    public int QueueMax { get; init; } = 8192;
}
