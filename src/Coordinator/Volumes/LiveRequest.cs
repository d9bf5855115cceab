using Replication.Actors;
using Replication.Coordinator.Checkpoints;
using Replication.Coordinator.Events;
using Replication.Coordinator.Locking;
using Replication.Coordinator.Reconcile;
using Replication.Coordinator.Resync;
using Replication.Messages;

namespace Replication.Coordinator.Volumes;

/// <summary>A request from its arrival to its end: what it asks, what it holds, who runs it.</summary>
internal sealed class LiveRequest(long id, RangeRequest request, IActorRef client)
{
    internal long Id { get; } = id;

    internal RangeRequest Request { get; } = request;

    internal IActorRef Client { get; } = client;

    internal RangeLock? Lock { get; set; }

    /// <summary>Where the table keeps it.</summary>
    internal LinkedListNode<LiveRequest>? Place { get; set; }

    /// <summary>Null until it is started.</summary>
    internal IActorRef? Coordinator { get; set; }

    internal long StartedAt { get; set; }

    /// <summary>The epoch that it runs in; 0 until it is started.</summary>
    internal uint Epoch { get; set; }

    /// <summary>Its place in the order of all starts; 0 until it is started.</summary>
    internal long StartNumber { get; set; }

    /// <summary>The stamp of a write; 0 for what writes nothing.</summary>
    internal ulong Stamp { get; set; }

    /// <summary>The stamp of a read's repairs; 0 when it repairs nothing.</summary>
    internal ulong RepairStamp { get; set; }

    /// <summary>The checkpoint that a flush carries.</summary>
    internal ulong Checkpoint { get; set; }

    /// <summary>The blocks that a reconcile looks at, as bits.</summary>
    internal int Blocks { get; set; }

    /// <summary>When it came; what waits for its range to be reconciled does so no longer than the
    /// child-timeout from then on.</summary>
    internal long ArrivedAt { get; set; }

    /// <summary>Since when it waits for room for its hot marks; null before it had to.</summary>
    internal long? CrowdedSince { get; set; }

    /// <summary>True for a client's write, write-zeroes or discard.</summary>
    internal bool ChangesData => Request is WriteRange or ZeroRange;

    /// <summary>True for the owner's own requests, which no client waits for.</summary>
    internal bool IsOwn => Request is ReconcileRange or CopyRegion or CheckpointVolume;

    /// <summary>True for whatever must have its range for itself.</summary>
    internal bool IsExclusive => ChangesData || Request is ReconcileRange or CopyRegion;

    /// <summary>True for what must not look at bytes that are to be reconciled.</summary>
    internal bool LooksAtData => Request is ReadRange or CopyRegion;

    internal QuorumOperation Operation => Request switch
    {
        WriteRange or ZeroRange or ReconcileRange => QuorumOperation.Write,
        FlushVolume or CheckpointVolume => QuorumOperation.Flush,
        _ => QuorumOperation.Read,
    };

    /// <summary>The range asked for; length 0 for a flush.</summary>
    internal (long OffsetBytes, long LengthBytes) Range => RangeOf(Request);

    internal static (long OffsetBytes, long LengthBytes) RangeOf(RangeRequest request) => request switch
    {
        ReadRange read => (read.OffsetBytes, read.LengthBytes),
        WriteRange write => (write.OffsetBytes, write.Payload.LengthBytes),
        ZeroRange zero => (zero.OffsetBytes, zero.LengthBytes),
        QueryRangeExtents query => (query.OffsetBytes, query.LengthBytes),
        ReconcileRange reconcile => (reconcile.OffsetBytes, reconcile.LengthBytes),
        CopyRegion copy => (copy.OffsetBytes, copy.LengthBytes),
        _ => (0, 0),
    };

    /// <summary>Gives back what a request that will not be started carries.</summary>
    internal static void Drop(RangeRequest request) => (request as WriteRange)?.Payload.Release();
}
