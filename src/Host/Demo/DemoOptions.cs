using Replication.Gateway.Listening;
using Replication.Messages.Digests;

namespace Replication.Host.Demo;

/// <summary>
/// What was asked of <c>demo</c>; null is what was left out, for the defaults or for what exists to decide.
/// </summary>
public sealed record DemoOptions
{
    /// <summary>Nodes of a new demo.</summary>
    public const int NodesDefault = 3;

    /// <summary>Most nodes that one process runs.</summary>
    public const int NodesMax = 16;

    /// <summary>Size of a new volume.</summary>
    public const long SizeDefaultBytes = 1L << 30;

    /// <summary>The folder that holds everything, as a full path.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Storage nodes, 1 to <see cref="NodesMax"/>.</summary>
    public int? NodeCount { get; init; }

    /// <summary>Votes that a read needs.</summary>
    public int? Threshold { get; init; }

    /// <summary>The volume's name.</summary>
    public required string Volume { get; init; }

    /// <summary>The volume's size.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Whether losers of a vote are rewritten.</summary>
    public bool? RewriteCorrupted { get; init; }

    /// <summary>The digest that votes are made of.</summary>
    public DigestKind? Digest { get; init; }

    /// <summary>Where NBD is served.</summary>
    public required ListenAddress Nbd { get; init; }

    /// <summary>Where QMP is served.</summary>
    public required ListenAddress Qmp { get; init; }

    /// <summary>Events as JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Everything into the log, and the log on the standard error too.</summary>
    public bool Verbose { get; init; }
}
