using Replication.Gateway.Listening;
using Replication.Host.Configuration;
using Replication.Host.Nodes;

namespace Replication.Host.Demo;

/// <summary>
/// What was asked of <c>demo</c>; null is what was left out, for the defaults or for what exists to decide.
/// </summary>
internal sealed record DemoOptions
{
    /// <summary>How the volume was asked for.</summary>
    public static readonly WishWords Words = new("--", "choose another --volume or --data");

    /// <summary>Nodes of a new demo.</summary>
    public const int NodesDefault = 3;

    /// <summary>Most nodes that one process runs.</summary>
    public const int NodesMax = 16;

    /// <summary>The folder that holds everything, as a full path.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Storage nodes, 1 to <see cref="NodesMax"/>.</summary>
    public int? NodeCount { get; init; }

    /// <summary>The volume.</summary>
    public required VolumeWish Volume { get; init; }

    /// <summary>Where NBD is served.</summary>
    public required ListenAddress Nbd { get; init; }

    /// <summary>Where QMP is served.</summary>
    public required ListenAddress Qmp { get; init; }

    /// <summary>Where HTTP is served, or that it is not.</summary>
    public HttpChoice Http { get; init; }

    /// <summary>True when nobody said where: then another port will do.</summary>
    public bool IsHttpDefault { get; init; }

    /// <summary>Events as JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Everything into the log, and the log on the standard error too.</summary>
    public bool Verbose { get; init; }
}
