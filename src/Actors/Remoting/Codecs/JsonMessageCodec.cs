using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Replication.Actors.Buffers;

namespace Replication.Actors.Remoting.Codecs;

/// <summary>
/// For messages too rare to write a codec for: System.Text.Json with source-generated metadata.
/// </summary>
public sealed class JsonMessageCodec<T>(
    ushort typeId, JsonTypeInfo<T> typeInfo, MessageChannel channel = MessageChannel.Data) : IMessageCodec
    where T : class
{
    /// <inheritdoc/>
    public ushort TypeId { get; } = typeId;

    /// <inheritdoc/>
    public Type MessageType => typeof(T);

    /// <inheritdoc/>
    public MessageChannel Channel { get; } = channel;

    /// <inheritdoc/>
    public PooledBuffer? PayloadOf(object message) => null;

    /// <inheritdoc/>
    public void Write(object message, WireWriter body)
    {
        using Utf8JsonWriter json = new(body);
        JsonSerializer.Serialize(json, (T)message, typeInfo);
    }

    /// <inheritdoc/>
    public object Read(ReadOnlySpan<byte> body, PooledBuffer? payload)
    {
        if (payload is not null)
        {
            throw new MalformedMessageException(
                $"{typeof(T).Name} came with a payload of {payload.LengthBytes} bytes");
        }

        try
        {
            return JsonSerializer.Deserialize(body, typeInfo)
                ?? throw new MalformedMessageException($"{typeof(T).Name} came as null");
        }
        catch (Exception cause) when (cause is JsonException or NotSupportedException or ArgumentException)
        {
            throw new MalformedMessageException($"{typeof(T).Name}: {cause.Message}", cause);
        }
    }
}
