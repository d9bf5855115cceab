namespace Replication.Simulation.Cluster;

/// <summary>
/// What the clients of one run did, and where the run itself changed bytes behind the replicas' backs.
/// </summary>
internal sealed class ClientTally
{
    private readonly HashSet<(string Node, int Sector)> _lies = [];

    internal int Sent { get; set; }

    internal int Answered { get; set; }

    internal int Failed { get; set; }

    internal int Reads { get; set; }

    internal int Writes { get; set; }

    internal void AddLie(string node, int sector) => _lies.Add((node, sector));

    internal bool IsLie(string node, int sector) => _lies.Contains((node, sector));
}
