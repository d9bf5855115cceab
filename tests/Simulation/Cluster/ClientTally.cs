namespace Replication.Simulation.Cluster;

/// <summary>What the clients of one run did.</summary>
internal sealed class ClientTally
{
    internal int Sent { get; set; }

    internal int Answered { get; set; }

    /// <summary>Requests whose connection was closed before they were answered.</summary>
    internal int Closed { get; set; }

    internal int Failed { get; set; }

    internal int Reads { get; set; }

    internal int Writes { get; set; }

    internal int Flushes { get; set; }
}
