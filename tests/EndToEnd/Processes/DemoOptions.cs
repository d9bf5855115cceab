namespace Replication.EndToEnd.Processes;

/// <summary>What a test asks of `replication demo`; the rest is its defaults.</summary>
internal sealed record DemoOptions
{
    public int Nodes { get; init; } = 3;

    /// <summary>As on the command line.</summary>
    public string Size { get; init; } = "64MiB";

    /// <summary>Where NBD listens; null is a unix socket in the data's parent folder.</summary>
    public string? Nbd { get; init; }

    /// <summary>Any further arguments.</summary>
    public IReadOnlyList<string> More { get; init; } = [];
}
