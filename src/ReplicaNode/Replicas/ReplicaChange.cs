using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// What a write, zero or stamp changes: the range that gets the stamp. A stamp leaves the data alone.
/// </summary>
internal readonly record struct ReplicaChange(
    ulong Stamp, ulong LowWater, long OffsetBytes, long LengthBytes, bool HasData)
{
    internal int FirstZone => (int)(OffsetBytes / SidecarLayout.ZoneBytes);

    internal int LastZone => (int)((OffsetBytes + LengthBytes - 1) / SidecarLayout.ZoneBytes);

    internal static bool IsIn(ReplicaRequest request) =>
        request is WriteReplica or ZeroReplica or StampReplica;

    internal static ReplicaChange Of(ReplicaRequest request) => request switch
    {
        WriteReplica write => new(
            write.Stamp, write.LowWater, write.OffsetBytes, write.Payload.LengthBytes, HasData: true),
        ZeroReplica zero => new(zero.Stamp, zero.LowWater, zero.OffsetBytes, zero.LengthBytes, HasData: true),
        StampReplica stamp => new(
            stamp.Stamp, stamp.LowWater, stamp.OffsetBytes, stamp.LengthBytes, HasData: false),
        _ => throw new InvalidOperationException($"{request.GetType().Name} changes no range"),
    };
}
