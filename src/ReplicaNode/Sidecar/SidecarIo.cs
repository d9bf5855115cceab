using Replication.Actors;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;

namespace Replication.ReplicaNode.Sidecar;

/// <summary>One operation on a sidecar's file; its buffer is its own until <see cref="Release"/>.</summary>
internal sealed class SidecarIo : DiskOperation
{
    private readonly PooledBuffer? _content;

    private SidecarIo(DiskOperationKind kind, IActorRef owner, PooledBuffer? content)
        : base(kind, owner) => _content = content;

    internal Span<byte> Content => _content!.Span;

    internal static SidecarIo Read(IActorRef owner, long offsetBytes, int lengthBytes) =>
        WithBuffer(DiskOperationKind.Read, owner, offsetBytes, lengthBytes);

    internal static SidecarIo Write(IActorRef owner, long offsetBytes, int lengthBytes) =>
        WithBuffer(DiskOperationKind.Write, owner, offsetBytes, lengthBytes);

    internal static SidecarIo Sync(IActorRef owner) => new(DiskOperationKind.Sync, owner, content: null);

    internal void Release() => _content?.Release();

    private static SidecarIo WithBuffer(
        DiskOperationKind kind, IActorRef owner, long offsetBytes, int lengthBytes)
    {
        PooledBuffer content = PooledBuffer.Rent(lengthBytes);
        return new SidecarIo(kind, owner, content) { OffsetBytes = offsetBytes, Buffer = content.Memory };
    }
}
