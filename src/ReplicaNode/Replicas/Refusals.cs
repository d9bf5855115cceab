using Replication.Actors.Disk;
using Replication.Messages;

namespace Replication.ReplicaNode.Replicas;

/// <summary>The words of a replica's refusals.</summary>
internal static class Refusals
{
    /// <summary>A request or open that the fence turned away.</summary>
    internal static ReplicaFailed Fenced(int tag, ReplicaRefusal refusal, ReplicaFence fence)
    {
        string reason = refusal == ReplicaRefusal.StaleEpoch
            ? $"epoch {fence.Epoch}, session {fence.Session} was accepted and is not lower"
            : "the request names another incarnation or session than the one that is open";
        return new ReplicaFailed(tag, refusal, Errno.Stale, reason);
    }

    /// <summary>A request that asks for what no volume of this size can do.</summary>
    internal static ReplicaFailed Bad(int tag, string problem) =>
        new(tag, ReplicaRefusal.BadRequest, Errno.Invalid, problem);

    /// <summary>A request that found the line of those waiting full.</summary>
    internal static ReplicaFailed LineFull(int tag) => new(
        tag,
        ReplicaRefusal.DiskError,
        Errno.TryAgain,
        $"{ReplicaLimits.WaitingCountMax} requests are waiting already");

    /// <summary>The raw file failed a request.</summary>
    internal static ReplicaFailed Disk(ReplicaIo io) => new(
        io.Request.Tag,
        ReplicaRefusal.DiskError,
        io.Errno,
        $"{io.Kind} at {io.OffsetBytes} failed: {Errno.Text(io.Errno)}");
}
