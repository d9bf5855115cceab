using Replication.Coordinator.Events;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>
/// Carries one flush to every Synced child, with the checkpoint that held when it was sent (P16).
/// </summary>
internal sealed class FlushCoordinator(RequestFrame frame, ulong checkpoint) : ChangeCoordinator(frame)
{
    protected override (long OffsetBytes, long LengthBytes) Range => (0, 0);

    protected override QuorumOperation Operation => QuorumOperation.Flush;

    protected override bool ChangesData => false;

    protected override ReplicaRequest RequestFor(int position, ChildView child) =>
        new FlushReplica(RequestTag.Of(RequestStep.Collect, position), child.Ticket, checkpoint);
}
