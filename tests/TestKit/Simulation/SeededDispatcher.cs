using Replication.Actors.Threading;

namespace Replication.TestKit.Simulation;

/// <summary>
/// The seeded half of the seam for threads: keeps what is to run, and the seed picks what runs next. One
/// message a turn, so that every interleaving of mailboxes can come up. One node's share of a world; all
/// share its list.
/// </summary>
public sealed class SeededDispatcher : IDispatcher
{
    private readonly RunQueue _queue;
    private readonly SimulatedNode _node;

    internal SeededDispatcher(RunQueue queue, SimulatedNode node)
    {
        _queue = queue;
        _node = node;
    }

    /// <inheritdoc/>
    public int Throughput => 1;

    /// <inheritdoc/>
    public void Schedule(IThreadPoolWorkItem work) => _node.Admit(work, _queue);
}
