using Replication.Messages;
using Replication.ReplicaNode.Sidecar;

namespace Replication.ReplicaNode.Replicas;

/// <summary>What a replica says of itself when it is opened (P9).</summary>
internal static class OpenAnswer
{
    internal static ReplicaOpened Of(int tag, ReplicaParts parts)
    {
        SidecarHeader header = parts.Sidecar.Header;
        ulong incarnation = parts.Door.Fence.Incarnation;
        bool isContinuous = parts.Standing.IsContinuous;
        return new ReplicaOpened(tag, incarnation, header.Clean, isContinuous, header.Serial)
        {
            Incomplete = header.Incomplete,
            UnderWay = parts.UnderWay.List(),
            HotZones = RegionList.HotZones(parts.Sidecar.Hot),
        };
    }
}
