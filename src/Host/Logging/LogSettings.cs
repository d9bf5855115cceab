using Replication.Actors.Logging;

namespace Replication.Host.Logging;

/// <summary>What a log can be told.</summary>
internal sealed record LogSettings
{
    /// <summary>Entries below are left out.</summary>
    public LogLevel Level { get; init; } = LogLevel.Info;

    /// <summary>How entries are written.</summary>
    public LogFormat Format { get; init; }

    /// <summary>A request that takes longer, on the gateway or a storage node, is a warning.</summary>
    public TimeSpan SlowRequest { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Length at which the file is set aside.</summary>
    public long LengthMaxBytes { get; init; } = 16L << 20;

    /// <summary>Most entries that wait to be written; the ones after that are lost, and counted.</summary>
    public int QueueMax { get; init; } = 8192;
}
