using System.Buffers.Binary;
using System.Text;

namespace Replication.Fuzz.Wire;

/// <summary>The protocol's numbers, from the specification and not from the server.</summary>
internal static class Nbd
{
    public const ulong Greeting = 0x4e42444d41474943;
    public const ulong OptionMagic = 0x49484156454f5054;
    public const ulong OptionReplyMagic = 0x0003e889045565a9;
    public const uint RequestMagic = 0x25609513;
    public const uint SimpleMagic = 0x67446698;
    public const uint ChunkMagic = 0x668e33ef;
    public const int OptionHeaderBytes = 16;
    public const int RequestHeaderBytes = 28;
    public const int RequestLengthOffset = 24;

    public const uint ExportName = 1;
    public const uint Abort = 2;
    public const uint List = 3;
    public const uint StartTls = 5;
    public const uint Info = 6;
    public const uint Go = 7;
    public const uint StructuredReply = 8;
    public const uint ListMetaContext = 9;
    public const uint SetMetaContext = 10;

    public const uint Ack = 1;
    public const uint ServerReply = 2;
    public const uint InfoReply = 3;
    public const uint MetaContextReply = 4;
    public const uint ErrUnsup = 0x8000_0001;
    public const uint ErrInvalid = 0x8000_0003;
    public const uint ErrUnknown = 0x8000_0006;
    public const uint ErrTooBig = 0x8000_0009;

    public const ushort Read = 0;
    public const ushort Write = 1;
    public const ushort Disconnect = 2;
    public const ushort Flush = 3;
    public const ushort Trim = 4;
    public const ushort Cache = 5;
    public const ushort WriteZeroes = 6;
    public const ushort BlockStatus = 7;

    public const ushort Fua = 1;
    public const ushort NoHole = 2;
    public const ushort Df = 4;
    public const ushort ReqOne = 8;
    public const ushort FastZero = 16;

    public const ushort ChunkNone = 0;
    public const ushort ChunkData = 1;
    public const ushort ChunkHole = 2;
    public const ushort ChunkStatus = 5;
    public const ushort ChunkError = 0x8001;

    /// <summary>Longest read or write, in bytes: what the server says in NBD_INFO_BLOCK_SIZE.</summary>
    public const uint PayloadMaxBytes = 32 << 20;

    public static byte[] Option(uint option, byte[] data) =>
        [.. Be(OptionMagic), .. Be(option), .. Be((uint)data.Length), .. data];

    public static byte[] Request(
        ushort command, ushort flags, ulong cookie, ulong offset, uint length, byte[]? payload = null) =>
    [
        .. Be(RequestMagic), .. Be(flags), .. Be(command), .. Be(cookie), .. Be(offset), .. Be(length),
        .. payload ?? [],
    ];

    public static byte[] InfoData(string name, params ushort[] wanted) =>
        [.. Be(name), .. Be((ushort)wanted.Length), .. wanted.SelectMany(Be)];

    public static byte[] MetaData(string name, params string[] queries) =>
        [.. Be(name), .. Be((uint)queries.Length), .. queries.SelectMany(Be)];

    public static byte[] Be(string text) =>
        [.. Be((uint)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    public static byte[] Be(ushort value) => [(byte)(value >> 8), (byte)value];

    public static byte[] Be(uint value)
    {
        byte[] bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Be(ulong value)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }
}
