using Replication.Actors;

namespace Replication.Simulation.Cluster;

/// <summary>
/// A volume as one gateway exports it, from the moment in which it does until it withdraws it or dies: what
/// clients' connections are to.
/// </summary>
/// <param name="owner">What the record calls this life of it.</param>
/// <param name="volume">Takes the requests.</param>
/// <param name="since">The step in which it appeared.</param>
internal sealed class SimulatedExport(string owner, IActorRef volume, long since)
{
    private readonly List<SimulatedClient> _clients = [];

    internal string Owner { get; } = owner;

    internal IActorRef Volume { get; } = volume;

    internal long Since { get; } = since;

    internal bool IsOpen { get; private set; } = true;

    /// <summary>
    /// True from the loss of unflushed writes on: nothing may be answered here any more (P12, I7).
    /// </summary>
    internal bool HasLost { get; set; }

    internal void Attach(SimulatedClient client) => _clients.Add(client);

    /// <summary>Every connection is closed: what was asked has no answer.</summary>
    internal void Close()
    {
        if (IsOpen)
        {
            IsOpen = false;
            _clients.ForEach(client => client.OnClosed(this));
        }
    }
}
