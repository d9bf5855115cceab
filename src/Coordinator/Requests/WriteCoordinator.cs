using Replication.Coordinator.Events;
using Replication.Messages;

namespace Replication.Coordinator.Requests;

/// <summary>
/// Carries one write to every Synced child. It owns the payload's reference and gives each send its own.
/// </summary>
internal sealed class WriteCoordinator(RequestFrame frame, WriteRange request, WriteStamp stamp)
    : ChangeCoordinator(frame)
{
    protected override (long OffsetBytes, long LengthBytes) Range =>
        (request.OffsetBytes, request.Payload.LengthBytes);

    protected override QuorumOperation Operation => QuorumOperation.Write;

    protected override bool ChangesData => true;

    protected override ReplicaRequest RequestFor(int position, ChildView child) => new WriteReplica(
        RequestTag.Of(RequestStep.Collect, position),
        child.Ticket,
        stamp.Stamp,
        stamp.LowWater,
        request.OffsetBytes,
        request.Payload.Retain(),
        IsDurable(request.Fua));

    protected override void OnEnding() => request.Payload.Release();
}
