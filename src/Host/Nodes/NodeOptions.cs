namespace Replication.Host.Nodes;

/// <summary>What was asked of <c>node</c>.</summary>
internal sealed record NodeOptions
{
    /// <summary>The configuration's file.</summary>
    public required string ConfigurationPath { get; init; }

    /// <summary>Which of its nodes this process is.</summary>
    public required string Name { get; init; }

    /// <summary>Settings that override the file's: KEY=VALUE each.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>Reads the configuration and starts nothing.</summary>
    public bool IsCheck { get; init; }

    /// <summary>The log on the standard error too, with everything in it.</summary>
    public bool Verbose { get; init; }
}
