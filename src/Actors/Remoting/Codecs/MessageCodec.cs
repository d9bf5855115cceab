using Replication.Actors.Buffers;

namespace Replication.Actors.Remoting.Codecs;

/// <summary>
/// The usual way to write a codec: fields through a writer and a reader. What the reader leaves over, and a
/// payload where the type has none, count as malformed.
/// </summary>
public abstract class MessageCodec<T>(ushort typeId, MessageChannel channel = MessageChannel.Data)
    : IMessageCodec
    where T : class
{
    /// <inheritdoc/>
    public ushort TypeId { get; } = typeId;

    /// <inheritdoc/>
    public Type MessageType => typeof(T);

    /// <inheritdoc/>
    public MessageChannel Channel { get; } = channel;

    /// <inheritdoc/>
    PooledBuffer? IMessageCodec.PayloadOf(object message) => PayloadOf((T)message);

    /// <inheritdoc/>
    void IMessageCodec.Write(object message, WireWriter body) => Write((T)message, body);

    /// <inheritdoc/>
    object IMessageCodec.Read(ReadOnlySpan<byte> body, PooledBuffer? payload)
    {
        WireReader reader = new(body);
        T message = Read(ref reader, payload);
        reader.ExpectEnd(typeof(T).Name);
        if (payload is not null && !ReferenceEquals(PayloadOf(message), payload))
        {
            throw new MalformedMessageException(
                $"{typeof(T).Name} came with a payload of {payload.LengthBytes} bytes");
        }

        return message;
    }

    /// <summary>The message's payload, or null; null unless overridden.</summary>
    protected virtual PooledBuffer? PayloadOf(T message) => null;

    /// <summary>Writes everything but the payload.</summary>
    protected abstract void Write(T message, WireWriter body);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="MalformedMessageException">A field is out of its range.</exception>
    protected abstract T Read(ref WireReader body, PooledBuffer? payload);
}
