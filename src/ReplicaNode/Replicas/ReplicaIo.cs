using Replication.Actors;
using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Messages;
using Replication.Messages.Digests;

namespace Replication.ReplicaNode.Replicas;

/// <summary>
/// One request's work on the raw file, from its start to its answer. Besides this object a read allocates
/// its buffer's handle and the reply; nothing else is allocated for a request.
/// </summary>
internal sealed class ReplicaIo : DiskOperation
{
    private PooledBuffer? _buffer;

    private ReplicaIo(
        DiskOperationKind kind, IActorRef owner, in AskedRequest asked, (int Opening, long Now) start)
        : base(kind, owner)
    {
        Asked = asked;
        Opening = start.Opening;
        StartedAt = start.Now;
    }

    internal AskedRequest Asked { get; }

    internal ReplicaRequest Request => Asked.Request;

    /// <summary>When the disk got it: a timestamp of the system's time provider.</summary>
    internal long StartedAt { get; }

    /// <summary>
    /// Number of the open whose session sent it: what is lower belongs to an earlier session (P9).
    /// </summary>
    internal int Opening { get; }

    internal Digest Digest { get; private set; }

    internal Digest[]? BlockDigests { get; private set; }

    /// <summary>Bytes held in memory until the answer.</summary>
    internal long HeldBytes => Buffer.Length;

    /// <summary>The disk work of a request; takes over a write's payload.</summary>
    /// <param name="asked">The request.</param>
    /// <param name="owner">Who hears of the disk's end.</param>
    /// <param name="start">The open whose session sent it, and when the disk gets it.</param>
    internal static ReplicaIo Of(in AskedRequest asked, IActorRef owner, (int Opening, long Now) start)
    {
        switch (asked.Request)
        {
            case ReadReplica read:
                PooledBuffer target = PooledBuffer.Rent(read.LengthBytes);
                return new ReplicaIo(DiskOperationKind.Read, owner, asked, start)
                {
                    OffsetBytes = read.OffsetBytes,
                    Buffer = target.Memory,
                    _buffer = target,
                };
            case WriteReplica write:
                return new ReplicaIo(DiskOperationKind.Write, owner, asked, start)
                {
                    OffsetBytes = write.OffsetBytes,
                    Buffer = write.Payload.Memory,
                    _buffer = write.Payload,
                };
            case ZeroReplica zero:
                DiskOperationKind kind = zero.Mode == ZeroMode.MayPunch
                    ? DiskOperationKind.PunchHole
                    : DiskOperationKind.WriteZeroes;
                return new ReplicaIo(kind, owner, asked, start)
                {
                    OffsetBytes = zero.OffsetBytes,
                    LengthBytes = zero.LengthBytes,
                };
            case QueryReplicaExtents query:
                return new ReplicaIo(DiskOperationKind.QueryExtents, owner, asked, start)
                {
                    OffsetBytes = query.OffsetBytes,
                    LengthBytes = query.LengthBytes,
                };
            default:
                throw new InvalidOperationException(
                    $"{asked.Request.GetType().Name} is no work for the raw file");
        }
    }

    /// <summary>The answer to a request whose work went well; data goes to the receiver with it.</summary>
    internal ReplicaReply ToReply() => Request switch
    {
        ReadReplica { Mode: ReplicaReadMode.Data } => new ReplicaRead(Request.Tag, default, TakeData(), null),
        ReadReplica => new ReplicaRead(Request.Tag, Digest, null, BlockDigests),
        QueryReplicaExtents => new ReplicaExtents(Request.Tag, Extents),
        _ => new ReplicaDone(Request.Tag),
    };

    /// <summary>Returns the buffer unless it was taken.</summary>
    internal void Release() => TakeData()?.Release();

    /// <summary>
    /// Digests are made here, on the disk's thread, while the bytes are in its cache; the buffer goes back at
    /// once, warm for the next read.
    /// </summary>
    protected override void OnDone()
    {
        if (Errno != 0 || Request is not ReadReplica { Mode: not ReplicaReadMode.Data } read)
        {
            return;
        }

        if (read.Mode == ReplicaReadMode.Digest)
        {
            Digest = Digest.Compute(read.DigestKind, Buffer.Span);
        }
        else
        {
            BlockDigests = DigestBlocks(read);
        }

        Release();
    }

    private Digest[] DigestBlocks(ReadReplica read)
    {
        const int Block = RequestLimits.BlockLengthBytes;
        long end = read.OffsetBytes + read.LengthBytes;
        long first = read.OffsetBytes / Block;
        Digest[] digests = new Digest[((end - 1) / Block) - first + 1];
        for (int i = 0; i < digests.Length; i++)
        {
            int start = (int)(Math.Max(read.OffsetBytes, (first + i) * Block) - read.OffsetBytes);
            int stop = (int)(Math.Min(end, (first + i + 1) * Block) - read.OffsetBytes);
            digests[i] = Digest.Compute(read.DigestKind, Buffer.Span[start..stop]);
        }

        return digests;
    }

    private PooledBuffer? TakeData()
    {
        PooledBuffer? data = _buffer;
        _buffer = null;
        return data;
    }
}
