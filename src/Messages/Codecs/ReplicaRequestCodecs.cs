using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;

namespace Replication.Messages.Codecs;

internal sealed class ReadReplicaCodec(ushort typeId) : MessageCodec<ReadReplica>(typeId)
{
    protected override void Write(ReadReplica message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteTicket(message.Ticket);
        body.WriteInt64(message.OffsetBytes);
        body.WriteInt32(message.LengthBytes);
        body.WriteByte((byte)message.Mode);
        body.WriteByte((byte)message.DigestKind);
        body.WriteUInt64(message.RequestNumber);
    }

    protected override ReadReplica Read(ref WireReader body, PooledBuffer? payload) => new(
        body.ReadInt32(),
        FieldCodecs.ReadTicket(ref body),
        body.ReadInt64(),
        body.ReadInt32(),
        (ReplicaReadMode)body.ReadByteUpTo((byte)ReplicaReadMode.BlockDigests, "the mode of a read"),
        FieldCodecs.ReadDigestKind(ref body))
    {
        RequestNumber = body.ReadUInt64(),
    };
}

internal sealed class WriteReplicaCodec(ushort typeId) : MessageCodec<WriteReplica>(typeId)
{
    protected override PooledBuffer? PayloadOf(WriteReplica message) => message.Payload;

    protected override void Write(WriteReplica message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteTicket(message.Ticket);
        body.WriteUInt64(message.Stamp);
        body.WriteUInt64(message.LowWater);
        body.WriteInt64(message.OffsetBytes);
        body.WriteBoolean(message.Fua);
        body.WriteUInt64(message.RequestNumber);
    }

    protected override WriteReplica Read(ref WireReader body, PooledBuffer? payload)
    {
        int tag = body.ReadInt32();
        ReplicaTicket ticket = FieldCodecs.ReadTicket(ref body);
        ulong stamp = body.ReadUInt64();
        ulong lowWater = body.ReadUInt64();
        long offsetBytes = body.ReadInt64();
        bool fua = body.ReadBoolean();
        ulong number = body.ReadUInt64();
        return payload is null
            ? throw new MalformedMessageException("a write came without a payload")
            : new WriteReplica(tag, ticket, stamp, lowWater, offsetBytes, payload, fua)
            {
                RequestNumber = number,
            };
    }
}

internal sealed class ZeroReplicaCodec(ushort typeId) : MessageCodec<ZeroReplica>(typeId)
{
    protected override void Write(ZeroReplica message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteTicket(message.Ticket);
        body.WriteUInt64(message.Stamp);
        body.WriteUInt64(message.LowWater);
        body.WriteInt64(message.OffsetBytes);
        body.WriteInt64(message.LengthBytes);
        body.WriteByte((byte)message.Mode);
        body.WriteBoolean(message.Fua);
        body.WriteUInt64(message.RequestNumber);
    }

    protected override ZeroReplica Read(ref WireReader body, PooledBuffer? payload) => new(
        body.ReadInt32(),
        FieldCodecs.ReadTicket(ref body),
        body.ReadUInt64(),
        body.ReadUInt64(),
        body.ReadInt64(),
        body.ReadInt64(),
        (ZeroMode)body.ReadByteUpTo((byte)ZeroMode.KeepAllocated, "the mode of zeroes"),
        body.ReadBoolean())
    {
        RequestNumber = body.ReadUInt64(),
    };
}

internal sealed class FlushReplicaCodec(ushort typeId) : MessageCodec<FlushReplica>(typeId)
{
    protected override void Write(FlushReplica message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteTicket(message.Ticket);
        body.WriteUInt64(message.Checkpoint);
        body.WriteUInt64(message.RequestNumber);
    }

    protected override FlushReplica Read(ref WireReader body, PooledBuffer? payload) =>
        new(body.ReadInt32(), FieldCodecs.ReadTicket(ref body), body.ReadUInt64())
        {
            RequestNumber = body.ReadUInt64(),
        };
}

internal sealed class QueryReplicaExtentsCodec(ushort typeId) : MessageCodec<QueryReplicaExtents>(typeId)
{
    protected override void Write(QueryReplicaExtents message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteTicket(message.Ticket);
        body.WriteInt64(message.OffsetBytes);
        body.WriteInt64(message.LengthBytes);
        body.WriteUInt64(message.RequestNumber);
    }

    protected override QueryReplicaExtents Read(ref WireReader body, PooledBuffer? payload) =>
        new(body.ReadInt32(), FieldCodecs.ReadTicket(ref body), body.ReadInt64(), body.ReadInt64())
        {
            RequestNumber = body.ReadUInt64(),
        };
}

internal sealed class StoreReplicaRecordCodec(ushort typeId) : MessageCodec<StoreReplicaRecord>(typeId)
{
    protected override void Write(StoreReplicaRecord message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteTicket(message.Ticket);
        body.WriteInt64(message.Serial);
        body.WriteBytes(message.Record.Span);
        body.WriteUInt64(message.RequestNumber);
    }

    protected override StoreReplicaRecord Read(ref WireReader body, PooledBuffer? payload) => new(
        body.ReadInt32(),
        FieldCodecs.ReadTicket(ref body),
        body.ReadInt64(),
        body.ReadBytes(StoreReplicaRecord.LengthMaxBytes, "a volume's record").ToArray())
    {
        RequestNumber = body.ReadUInt64(),
    };
}

internal sealed class CloseReplicaCodec(ushort typeId) : MessageCodec<CloseReplica>(typeId)
{
    protected override void Write(CloseReplica message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteTicket(message.Ticket);
        body.WriteUInt64(message.Checkpoint);
        body.WriteUInt64(message.RequestNumber);
    }

    protected override CloseReplica Read(ref WireReader body, PooledBuffer? payload) =>
        new(body.ReadInt32(), FieldCodecs.ReadTicket(ref body))
        {
            Checkpoint = body.ReadUInt64(),
            RequestNumber = body.ReadUInt64(),
        };
}

internal sealed class StampReplicaCodec(ushort typeId) : MessageCodec<StampReplica>(typeId)
{
    protected override void Write(StampReplica message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteTicket(message.Ticket);
        body.WriteUInt64(message.Stamp);
        body.WriteUInt64(message.LowWater);
        body.WriteInt64(message.OffsetBytes);
        body.WriteInt64(message.LengthBytes);
        body.WriteUInt64(message.RequestNumber);
    }

    protected override StampReplica Read(ref WireReader body, PooledBuffer? payload) => new(
        body.ReadInt32(),
        FieldCodecs.ReadTicket(ref body),
        body.ReadUInt64(),
        body.ReadUInt64(),
        body.ReadInt64(),
        body.ReadInt64())
    {
        RequestNumber = body.ReadUInt64(),
    };
}

internal sealed class ListReplicaRegionsCodec(ushort typeId) : MessageCodec<ListReplicaRegions>(typeId)
{
    protected override void Write(ListReplicaRegions message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteTicket(message.Ticket);
        body.WriteUInt64(message.After);
        body.WriteInt64(message.FirstRegion);
        body.WriteUInt64(message.RequestNumber);
    }

    protected override ListReplicaRegions Read(ref WireReader body, PooledBuffer? payload) => new(
        body.ReadInt32(), FieldCodecs.ReadTicket(ref body), body.ReadUInt64(), body.ReadInt64())
    {
        RequestNumber = body.ReadUInt64(),
    };
}

internal sealed class SettleReplicaCodec(ushort typeId) : MessageCodec<SettleReplica>(typeId)
{
    protected override void Write(SettleReplica message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteTicket(message.Ticket);
        body.WriteUInt64(message.Clean);
        body.WriteUInt64(message.RequestNumber);
    }

    protected override SettleReplica Read(ref WireReader body, PooledBuffer? payload) =>
        new(body.ReadInt32(), FieldCodecs.ReadTicket(ref body), body.ReadUInt64())
        {
            RequestNumber = body.ReadUInt64(),
        };
}

internal sealed class ConfirmReplicaCodec(ushort typeId) : MessageCodec<ConfirmReplica>(typeId)
{
    protected override void Write(ConfirmReplica message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteTicket(message.Ticket);
        body.WriteUInt64(message.RequestNumber);
    }

    protected override ConfirmReplica Read(ref WireReader body, PooledBuffer? payload) =>
        new(body.ReadInt32(), FieldCodecs.ReadTicket(ref body))
        {
            RequestNumber = body.ReadUInt64(),
        };
}
