using Replication.Actors.Buffers;
using Replication.Actors.Disk;
using Replication.Actors.Remoting.Codecs;
using Replication.Messages.Digests;

namespace Replication.Messages.Codecs;

/// <summary>
/// Tag, the one digest, then the block digests: a count (−1 for none), and where there are any their kind and
/// bytes.
/// </summary>
internal sealed class ReplicaReadCodec(ushort typeId) : MessageCodec<ReplicaRead>(typeId)
{
    /// <summary>Blocks that the longest read touches when it begins inside one.</summary>
    private const int BlocksMax = (RequestLimits.LengthMaxBytes / RequestLimits.BlockLengthBytes) + 1;

    private const int NoBlocks = -1;

    protected override PooledBuffer? PayloadOf(ReplicaRead message) => message.Data;

    protected override void Write(ReplicaRead message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteDigest(message.Digest);
        if (message.BlockDigests is null)
        {
            body.WriteInt32(NoBlocks);
            return;
        }

        body.WriteInt32(message.BlockDigests.Count);
        if (message.BlockDigests.Count == 0)
        {
            return;
        }

        DigestKind kind = message.BlockDigests[0].Kind;
        body.WriteByte((byte)kind);
        Span<byte> bytes = stackalloc byte[Digest.LengthMaxBytes];
        foreach (Digest digest in message.BlockDigests)
        {
            if (digest.Kind != kind)
            {
                throw new InvalidOperationException("the block digests of one read are of one kind");
            }

            body.WriteRaw(bytes[..digest.WriteTo(bytes)]);
        }
    }

    protected override ReplicaRead Read(ref WireReader body, PooledBuffer? payload)
    {
        int tag = body.ReadInt32();
        Digest digest = FieldCodecs.ReadDigest(ref body);
        return new ReplicaRead(tag, digest, payload, ReadBlocks(ref body));
    }

    private static Digest[]? ReadBlocks(ref WireReader body)
    {
        WireReader ahead = body;
        if (ahead.ReadInt32() == NoBlocks)
        {
            body = ahead;
            return null;
        }

        int count = body.ReadCount(BlocksMax, itemBytes: 16, "block digests");
        if (count == 0)
        {
            return [];
        }

        DigestKind kind = FieldCodecs.ReadDigestKind(ref body);
        if ((long)count * Digest.LengthOf(kind) > body.LeftBytes)
        {
            throw new MalformedMessageException($"{count} block digests do not fit {body.LeftBytes} bytes");
        }

        Digest[] digests = new Digest[count];
        for (int index = 0; index < count; index++)
        {
            digests[index] = FieldCodecs.ReadDigest(ref body, kind);
        }

        return digests;
    }
}

internal sealed class ReplicaDoneCodec(ushort typeId) : MessageCodec<ReplicaDone>(typeId)
{
    protected override void Write(ReplicaDone message, WireWriter body) => body.WriteInt32(message.Tag);

    protected override ReplicaDone Read(ref WireReader body, PooledBuffer? payload) => new(body.ReadInt32());
}

internal sealed class ReplicaFailedCodec(ushort typeId) : MessageCodec<ReplicaFailed>(typeId)
{
    /// <summary>
    /// So that no reason is longer than its bound whatever it is made of: UTF-8 takes 3 bytes a char at most.
    /// </summary>
    private const int ReasonMaxChars = FieldCodecs.ReasonMaxBytes / 3;

    protected override void Write(ReplicaFailed message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteByte((byte)message.Refusal);
        body.WriteInt32(message.Errno);
        bool fits = message.Reason.Length <= ReasonMaxChars;
        body.WriteString(fits ? message.Reason : message.Reason[..ReasonMaxChars]);
    }

    protected override ReplicaFailed Read(ref WireReader body, PooledBuffer? payload) => new(
        body.ReadInt32(),
        (ReplicaRefusal)body.ReadByteUpTo((byte)ReplicaRefusal.Busy, "the kind of a refusal"),
        body.ReadInt32(),
        body.ReadString(FieldCodecs.ReasonMaxBytes, "the reason of a failure"));
}

internal sealed class ReplicaExtentsCodec(ushort typeId) : MessageCodec<ReplicaExtents>(typeId)
{
    private const int ExtentBytes = 17;

    protected override void Write(ReplicaExtents message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteInt32(message.Extents.Count);
        foreach (DiskExtent extent in message.Extents)
        {
            body.WriteInt64(extent.OffsetBytes);
            body.WriteInt64(extent.LengthBytes);
            body.WriteBoolean(extent.IsHole);
        }
    }

    protected override ReplicaExtents Read(ref WireReader body, PooledBuffer? payload)
    {
        int tag = body.ReadInt32();
        int count = body.ReadCount(ReplicaExtents.CountMax, ExtentBytes, "extents");
        DiskExtent[] extents = new DiskExtent[count];
        for (int index = 0; index < extents.Length; index++)
        {
            extents[index] = new DiskExtent(body.ReadInt64(), body.ReadInt64(), body.ReadBoolean());
        }

        return new ReplicaExtents(tag, extents);
    }
}

internal sealed class ReplicaRegionsCodec(ushort typeId) : MessageCodec<ReplicaRegions>(typeId)
{
    private const int RegionBytes = 16;

    protected override void Write(ReplicaRegions message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteInt32(message.Regions.Count);
        foreach (RegionStamp region in message.Regions)
        {
            body.WriteInt64(region.Region);
            body.WriteUInt64(region.Stamp);
        }

        body.WriteInt64(message.NextRegion);
    }

    protected override ReplicaRegions Read(ref WireReader body, PooledBuffer? payload)
    {
        int tag = body.ReadInt32();
        int count = body.ReadCount(ReplicaRegions.CountMax, RegionBytes, "regions");
        RegionStamp[] regions = new RegionStamp[count];
        for (int index = 0; index < regions.Length; index++)
        {
            regions[index] = new RegionStamp(body.ReadInt64(), body.ReadUInt64());
        }

        return new ReplicaRegions(tag, regions, body.ReadInt64());
    }
}
