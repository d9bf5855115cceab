namespace Replication.Gateway.Metrics;

/// <summary>How many time series there may be, whatever clients and administrators do.</summary>
public static class SeriesLimits
{
    /// <summary>Volumes, and exports, that have series of their own.</summary>
    public const int VolumesMax = 1000;

    /// <summary>Peers of one node that have series of their own.</summary>
    public const int PeersMax = 256;

    /// <summary>What those past a limit are counted as together: nothing can be called so.</summary>
    public const string Others = "(others)";
}
