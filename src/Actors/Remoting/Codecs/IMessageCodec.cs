using Replication.Actors.Buffers;

namespace Replication.Actors.Remoting.Codecs;

/// <summary>
/// How one type of message travels: a body of fixed little-endian fields, and at most one payload that is
/// sent from its own buffer and received into one. Codecs have no state and are used from many threads at
/// once.
/// </summary>
public interface IMessageCodec
{
    /// <summary>
    /// The type's number on the wire: 64 or above (the kernel has the rest), never used for another.
    /// </summary>
    ushort TypeId { get; }

    /// <summary>The exact type of the messages.</summary>
    Type MessageType { get; }

    /// <summary>The connection that these messages take.</summary>
    MessageChannel Channel { get; }

    /// <summary>The message's payload, or null; the reference stays the message's.</summary>
    PooledBuffer? PayloadOf(object message);

    /// <summary>Writes everything but the payload.</summary>
    void Write(object message, WireWriter body);

    /// <summary>
    /// Makes the message again. The payload's reference becomes the message's, unless this throws.
    /// </summary>
    /// <exception cref="MalformedMessageException">The body or the payload is not that of such a
    /// message.</exception>
    object Read(ReadOnlySpan<byte> body, PooledBuffer? payload);
}
