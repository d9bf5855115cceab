using System.Buffers.Binary;
using Replication.Actors.Remoting.Codecs;

namespace Replication.Actors.Remoting.Frames;

/// <summary>What the header of a frame says beyond its numbers.</summary>
[Flags]
internal enum FrameFlags : byte
{
    None = 0,

    /// <summary>
    /// The body begins with the target's name: a byte of length and UTF-8; the target's number is 0.
    /// </summary>
    TargetByName = 1,
}

/// <summary>
/// The 32 bytes before each frame's body and payload, little-endian: body length u32, payload length u32,
/// message type u16, flags u8, five bytes of zero, target u64, sender u64. A sender of 0 is nobody.
/// </summary>
internal readonly record struct FrameHeader(
    int BodyLengthBytes,
    int PayloadLengthBytes,
    ushort TypeId,
    FrameFlags Flags,
    ulong TargetId,
    ulong SenderId)
{
    internal const int LengthBytes = 32;

    private const FrameFlags KnownFlags = FrameFlags.TargetByName;

    internal void WriteTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, BodyLengthBytes);
        BinaryPrimitives.WriteInt32LittleEndian(destination[4..], PayloadLengthBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], TypeId);
        destination[10] = (byte)Flags;
        destination[11..16].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], TargetId);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], SenderId);
    }

    /// <exception cref="MalformedMessageException">A length is over its bound, or what must be zero is
    /// not.</exception>
    internal static FrameHeader Read(ReadOnlySpan<byte> source, int bodyMaxBytes, int payloadMaxBytes)
    {
        uint bodyLengthBytes = BinaryPrimitives.ReadUInt32LittleEndian(source);
        uint payloadLengthBytes = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        if (bodyLengthBytes > bodyMaxBytes || payloadLengthBytes > payloadMaxBytes)
        {
            throw new MalformedMessageException(
                $"a frame claims {bodyLengthBytes} + {payloadLengthBytes} bytes; "
                + $"{bodyMaxBytes} + {payloadMaxBytes} are allowed here");
        }

        FrameFlags flags = (FrameFlags)source[10];
        if ((flags & ~KnownFlags) != FrameFlags.None || source[11..16].ContainsAnyExcept((byte)0))
        {
            throw new MalformedMessageException("a frame's header has unknown flags");
        }

        return new FrameHeader(
            (int)bodyLengthBytes,
            (int)payloadLengthBytes,
            BinaryPrimitives.ReadUInt16LittleEndian(source[8..]),
            flags,
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[24..]));
    }
}
