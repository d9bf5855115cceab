using Replication.Coordinator.Events;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>
/// Carries one flush to every Synced child, with the checkpoint that held when it was sent (P16). The owner's
/// own, which makes room for hot marks (P7), goes to the targets as well.
/// </summary>
internal sealed class FlushCoordinator(RequestFrame frame, ulong checkpoint, bool withTargets)
    : ChangeCoordinator(frame)
{
    protected override int PositionCount => withTargets ? View.PositionCount : View.Children.Length;

    protected override (long OffsetBytes, long LengthBytes) Range => (0, 0);

    protected override QuorumOperation Operation => QuorumOperation.Flush;

    protected override bool ChangesData => false;

    protected override ReplicaRequest RequestFor(int position, ChildView child) =>
        new FlushReplica(RequestTag.Of(RequestStep.Collect, position), child.Ticket, checkpoint);
}
