using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;

namespace Replication.Messages.Codecs;

internal sealed class ReadReplicaCodec(ushort typeId) : ReplicaRequestCodec<ReadReplica>(typeId)
{
    protected override void WriteFields(ReadReplica message, WireWriter body)
    {
        body.WriteInt64(message.OffsetBytes);
        body.WriteInt32(message.LengthBytes);
        body.WriteByte((byte)message.Mode);
        body.WriteByte((byte)message.DigestKind);
    }

    protected override ReadReplica ReadFields(
        int tag, ReplicaTicket ticket, ref WireReader body, PooledBuffer? payload) => new(
            tag,
            ticket,
            body.ReadInt64(),
            body.ReadInt32(),
            (ReplicaReadMode)body.ReadByteUpTo((byte)ReplicaReadMode.BlockDigests, "the mode of a read"),
            FieldCodecs.ReadDigestKind(ref body));
}

internal sealed class WriteReplicaCodec(ushort typeId) : ReplicaRequestCodec<WriteReplica>(typeId)
{
    protected override PooledBuffer? PayloadOf(WriteReplica message) => message.Payload;

    protected override void WriteFields(WriteReplica message, WireWriter body)
    {
        body.WriteUInt64(message.Stamp);
        body.WriteUInt64(message.LowWater);
        body.WriteInt64(message.OffsetBytes);
        body.WriteBoolean(message.Fua);
    }

    protected override WriteReplica ReadFields(
        int tag, ReplicaTicket ticket, ref WireReader body, PooledBuffer? payload) => new(
            tag,
            ticket,
            body.ReadUInt64(),
            body.ReadUInt64(),
            body.ReadInt64(),
            payload ?? throw new MalformedMessageException("a write came without a payload"),
            body.ReadBoolean());
}

internal sealed class ZeroReplicaCodec(ushort typeId) : ReplicaRequestCodec<ZeroReplica>(typeId)
{
    protected override void WriteFields(ZeroReplica message, WireWriter body)
    {
        body.WriteUInt64(message.Stamp);
        body.WriteUInt64(message.LowWater);
        body.WriteInt64(message.OffsetBytes);
        body.WriteInt64(message.LengthBytes);
        body.WriteByte((byte)message.Mode);
        body.WriteBoolean(message.Fua);
    }

    protected override ZeroReplica ReadFields(
        int tag, ReplicaTicket ticket, ref WireReader body, PooledBuffer? payload) => new(
            tag,
            ticket,
            body.ReadUInt64(),
            body.ReadUInt64(),
            body.ReadInt64(),
            body.ReadInt64(),
            (ZeroMode)body.ReadByteUpTo((byte)ZeroMode.KeepAllocated, "the mode of zeroes"),
            body.ReadBoolean());
}

internal sealed class FlushReplicaCodec(ushort typeId) : ReplicaRequestCodec<FlushReplica>(typeId)
{
    protected override void WriteFields(FlushReplica message, WireWriter body) =>
        body.WriteUInt64(message.Checkpoint);

    protected override FlushReplica ReadFields(
        int tag, ReplicaTicket ticket, ref WireReader body, PooledBuffer? payload) =>
        new(tag, ticket, body.ReadUInt64());
}

internal sealed class QueryReplicaExtentsCodec(ushort typeId)
    : ReplicaRequestCodec<QueryReplicaExtents>(typeId)
{
    protected override void WriteFields(QueryReplicaExtents message, WireWriter body)
    {
        body.WriteInt64(message.OffsetBytes);
        body.WriteInt64(message.LengthBytes);
    }

    protected override QueryReplicaExtents ReadFields(
        int tag, ReplicaTicket ticket, ref WireReader body, PooledBuffer? payload) =>
        new(tag, ticket, body.ReadInt64(), body.ReadInt64());
}

internal sealed class StoreReplicaRecordCodec(ushort typeId) : ReplicaRequestCodec<StoreReplicaRecord>(typeId)
{
    protected override void WriteFields(StoreReplicaRecord message, WireWriter body)
    {
        body.WriteInt64(message.Serial);
        body.WriteBytes(message.Record.Span);
    }

    protected override StoreReplicaRecord ReadFields(
        int tag, ReplicaTicket ticket, ref WireReader body, PooledBuffer? payload) => new(
            tag,
            ticket,
            body.ReadInt64(),
            body.ReadBytes(StoreReplicaRecord.LengthMaxBytes, "a volume's record").ToArray());
}

internal sealed class CloseReplicaCodec(ushort typeId) : ReplicaRequestCodec<CloseReplica>(typeId)
{
    protected override void WriteFields(CloseReplica message, WireWriter body) =>
        body.WriteUInt64(message.Checkpoint);

    protected override CloseReplica ReadFields(
        int tag, ReplicaTicket ticket, ref WireReader body, PooledBuffer? payload) =>
        new(tag, ticket) { Checkpoint = body.ReadUInt64() };
}

internal sealed class StampReplicaCodec(ushort typeId) : ReplicaRequestCodec<StampReplica>(typeId)
{
    protected override void WriteFields(StampReplica message, WireWriter body)
    {
        body.WriteUInt64(message.Stamp);
        body.WriteUInt64(message.LowWater);
        body.WriteInt64(message.OffsetBytes);
        body.WriteInt64(message.LengthBytes);
    }

    protected override StampReplica ReadFields(
        int tag, ReplicaTicket ticket, ref WireReader body, PooledBuffer? payload) =>
        new(tag, ticket, body.ReadUInt64(), body.ReadUInt64(), body.ReadInt64(), body.ReadInt64());
}

internal sealed class ListReplicaRegionsCodec(ushort typeId) : ReplicaRequestCodec<ListReplicaRegions>(typeId)
{
    protected override void WriteFields(ListReplicaRegions message, WireWriter body)
    {
        body.WriteUInt64(message.After);
        body.WriteInt64(message.FirstRegion);
    }

    protected override ListReplicaRegions ReadFields(
        int tag, ReplicaTicket ticket, ref WireReader body, PooledBuffer? payload) =>
        new(tag, ticket, body.ReadUInt64(), body.ReadInt64());
}

internal sealed class SettleReplicaCodec(ushort typeId) : ReplicaRequestCodec<SettleReplica>(typeId)
{
    protected override void WriteFields(SettleReplica message, WireWriter body) =>
        body.WriteUInt64(message.Clean);

    protected override SettleReplica ReadFields(
        int tag, ReplicaTicket ticket, ref WireReader body, PooledBuffer? payload) =>
        new(tag, ticket, body.ReadUInt64());
}

internal sealed class ConfirmReplicaCodec(ushort typeId) : ReplicaRequestCodec<ConfirmReplica>(typeId)
{
    protected override void WriteFields(ConfirmReplica message, WireWriter body)
    {
        // Tag, ticket and number are all that it is.
    }

    protected override ConfirmReplica ReadFields(
        int tag, ReplicaTicket ticket, ref WireReader body, PooledBuffer? payload) => new(tag, ticket);
}
