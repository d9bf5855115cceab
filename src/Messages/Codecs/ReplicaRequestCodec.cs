using Replication.Actors.Buffers;
using Replication.Actors.Remoting.Codecs;

namespace Replication.Messages.Codecs;

/// <summary>
/// What every request to a replica has on the wire, once for all: tag and ticket before its own fields, the
/// number of the volume's request behind them.
/// </summary>
internal abstract class ReplicaRequestCodec<T>(ushort typeId) : MessageCodec<T>(typeId)
    where T : ReplicaRequest
{
    protected sealed override void Write(T message, WireWriter body)
    {
        body.WriteInt32(message.Tag);
        body.WriteUInt32(message.Ticket.Epoch);
        body.WriteUInt32(message.Ticket.Session);
        body.WriteUInt64(message.Ticket.Incarnation);
        WriteFields(message, body);
        body.WriteUInt64(message.RequestNumber);
    }

    protected sealed override T Read(ref WireReader body, PooledBuffer? payload)
    {
        int tag = body.ReadInt32();
        ReplicaTicket ticket = new(body.ReadUInt32(), body.ReadUInt32(), body.ReadUInt64());
        T message = ReadFields(tag, ticket, ref body, payload);
        message.RequestNumber = body.ReadUInt64();
        return message;
    }

    /// <summary>The fields that only this request has, in the order of the record.</summary>
    protected abstract void WriteFields(T message, WireWriter body);

    /// <summary>The message, from the fields that <see cref="WriteFields"/> wrote.</summary>
    /// <exception cref="MalformedMessageException">A field is out of its bounds.</exception>
    protected abstract T ReadFields(
        int tag, ReplicaTicket ticket, ref WireReader body, PooledBuffer? payload);
}
