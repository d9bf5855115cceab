namespace Replication.Gateway.Events;

/// <summary>The bounds of an <see cref="EventLog"/>.</summary>
public sealed record EventLogOptions
{
    /// <summary>How many of the last events are kept and can be asked for.</summary>
    public int KeptMax { get; init; } = 10_000;

    /// <summary>How many may wait for the writer; the ones after that are lost, and counted.</summary>
    public int QueueMax { get; init; } = 16_384;

    /// <summary>
    /// Told, in a sentence, what the disk or a reader of the files should hear of; must not throw.
    /// </summary>
    public Action<string> Warn { get; init; } = static _ => { };
}
