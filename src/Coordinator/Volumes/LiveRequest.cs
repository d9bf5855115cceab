using Replication.Actors;
using Replication.Coordinator.Events;
using Replication.Coordinator.Locking;
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

    /// <summary>Its place in the order of all starts; 0 until it is started.</summary>
    internal long StartNumber { get; set; }

    /// <summary>The stamp of a write; 0 for what writes nothing.</summary>
    internal ulong Stamp { get; set; }

    /// <summary>The stamp of a read's repairs; 0 when it repairs nothing.</summary>
    internal ulong RepairStamp { get; set; }

    internal bool ChangesData => Request is WriteRange or ZeroRange;

    internal QuorumOperation Operation => Request switch
    {
        WriteRange or ZeroRange => QuorumOperation.Write,
        FlushVolume => QuorumOperation.Flush,
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
        _ => (0, 0),
    };

    /// <summary>Gives back what a request that will not be started carries.</summary>
    internal static void Drop(RangeRequest request) => (request as WriteRange)?.Payload.Release();
}
