using Replication.Coordinator.Events;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>
/// Carries one write-zeroes or discard to every Synced child: to the volume both are writes (P15).
/// </summary>
internal sealed class ZeroCoordinator(RequestFrame frame, ZeroRange request, WriteStamp stamp)
    : ChangeCoordinator(frame)
{
    protected override (long OffsetBytes, long LengthBytes) Range =>
        (request.OffsetBytes, request.LengthBytes);

    protected override QuorumOperation Operation => QuorumOperation.Write;

    protected override bool ChangesData => true;

    protected override ReplicaRequest RequestFor(int position, ChildView child) => new ZeroReplica(
        RequestTag.Of(RequestStep.Collect, position),
        child.Ticket,
        stamp.Stamp,
        stamp.LowWater,
        request.OffsetBytes,
        request.LengthBytes,
        request.Mode,
        IsDurable(request.Fua));
}
