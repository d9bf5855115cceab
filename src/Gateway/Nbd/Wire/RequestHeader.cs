using System.Buffers.Binary;

namespace Replication.Gateway.Nbd.Wire;

/// <summary>
/// The 28 bytes that start a request, as the client sent them: nothing is checked but the magic.
/// </summary>
internal readonly record struct RequestHeader(
    CommandFlags Flags, NbdCommand Command, ulong Cookie, ulong Offset, uint Length)
{
    /// <exception cref="NbdProtocolException">The magic is wrong: the stream is out of step for
    /// good.</exception>
    internal static RequestHeader Parse(ReadOnlySpan<byte> source)
    {
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(source);
        if (magic != NbdProtocol.RequestMagic)
        {
            throw new NbdProtocolException($"a request starts with magic {magic:x8}, not with 25609513");
        }

        return new RequestHeader(
            (CommandFlags)BinaryPrimitives.ReadUInt16BigEndian(source[4..]),
            (NbdCommand)BinaryPrimitives.ReadUInt16BigEndian(source[6..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[24..]));
    }
}
