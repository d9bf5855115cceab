using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Replication.Gateway.Listening;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>
/// The client's side of the protocol, byte by byte, written from the specification and not from the server:
/// its numbers are its own. Receives fail after ten seconds.
/// </summary>
internal sealed class RawClient : IDisposable
{
    internal const uint ExportName = 1;
    internal const uint Abort = 2;
    internal const uint List = 3;
    internal const uint StartTls = 5;
    internal const uint Info = 6;
    internal const uint Go = 7;
    internal const uint StructuredReply = 8;
    internal const uint ListMetaContext = 9;
    internal const uint SetMetaContext = 10;

    internal const uint Ack = 1;
    internal const uint ServerReply = 2;
    internal const uint InfoReply = 3;
    internal const uint MetaContextReply = 4;
    internal const uint ErrUnsup = 0x80000001;
    internal const uint ErrInvalid = 0x80000003;
    internal const uint ErrPolicy = 0x80000002;
    internal const uint ErrUnknown = 0x80000006;
    internal const uint ErrTooBig = 0x80000009;

    internal const ushort Read = 0;
    internal const ushort Write = 1;
    internal const ushort Disc = 2;
    internal const ushort Flush = 3;
    internal const ushort Trim = 4;
    internal const ushort Cache = 5;
    internal const ushort WriteZeroes = 6;
    internal const ushort BlockStatus = 7;

    internal const ushort Fua = 1;
    internal const ushort NoHole = 2;
    internal const ushort Df = 4;
    internal const ushort ReqOne = 8;
    internal const ushort FastZero = 16;

    internal RawClient(ListenAddress address)
    {
        ProtocolType protocol = address.Path is null ? ProtocolType.Tcp : ProtocolType.Unspecified;
        Socket = new Socket(address.EndPoint.AddressFamily, SocketType.Stream, protocol);
        Socket.Connect(address.EndPoint);
        Socket.ReceiveTimeout = 10_000;
        Socket.SendTimeout = 10_000;
    }

    internal Socket Socket { get; }

    internal readonly record struct OptionAnswer(uint Option, uint Type, byte[] Data);

    /// <summary>A reply to a request: simple (Type is null) or one chunk.</summary>
    internal readonly record struct Reply(ulong Cookie, uint Error, ushort? Type, bool Done, byte[] Data);

    internal static byte[] InfoData(string name, params ushort[] wanted)
    {
        List<byte> data = [.. Be(name), .. Be((ushort)wanted.Length)];
        foreach (ushort one in wanted)
        {
            data.AddRange(Be(one));
        }

        return [.. data];
    }

    internal static byte[] MetaData(string name, params string[] queries)
    {
        List<byte> data = [.. Be(name), .. Be((uint)queries.Length)];
        foreach (string query in queries)
        {
            data.AddRange(Be(query));
        }

        return [.. data];
    }

    internal static byte[] OptionBytes(uint option, byte[] data) =>
        [.. "IHAVEOPT"u8, .. Be(option), .. Be((uint)data.Length), .. data];

    internal static byte[] RequestBytes(
        ushort command, ulong cookie, ulong offset, uint length, ushort flags = 0, byte[]? payload = null) =>
    [
        .. Be(0x25609513u),
        .. Be(flags),
        .. Be(command),
        .. Be(cookie),
        .. Be(offset),
        .. Be(length),
        .. payload ?? [],
    ];

    internal static byte[] Be(ushort value) => [(byte)(value >> 8), (byte)value];

    internal static byte[] Be(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    internal static byte[] Be(ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }

    internal static byte[] Be(string text) =>
        [.. Be((uint)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    /// <summary>Reads the greeting, checks it, answers with flags.</summary>
    internal void Greet(uint flags = 3)
    {
        Assert.Equal([.. "NBDMAGIC"u8, .. "IHAVEOPT"u8, 0, 3], Receive(18));
        Send(Be(flags));
    }

    internal void Send(byte[] bytes) => Socket.Send(bytes);

    internal void SendOption(uint option, byte[] data) => Send(OptionBytes(option, data));

    internal OptionAnswer Negotiate(uint option, byte[] data)
    {
        SendOption(option, data);
        return ReadOptionReply();
    }

    internal OptionAnswer ReadOptionReply()
    {
        byte[] head = Receive(20);
        Assert.Equal(0x0003e889045565a9ul, BinaryPrimitives.ReadUInt64BigEndian(head));
        uint length = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(16));
        return new OptionAnswer(
            BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(8)),
            BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(12)),
            Receive((int)length));
    }

    internal void SendRequest(
        ushort command, ulong cookie, ulong offset, uint length, ushort flags = 0, byte[]? payload = null) =>
        Send(RequestBytes(command, cookie, offset, length, flags, payload));

    /// <summary>
    /// Reads one reply; <paramref name="dataBytes"/> is what a successful simple reply carries.
    /// </summary>
    internal Reply ReadReply(int dataBytes = 0)
    {
        byte[] magic = Receive(4);
        if (BinaryPrimitives.ReadUInt32BigEndian(magic) == 0x67446698)
        {
            byte[] simple = Receive(12);
            uint error = BinaryPrimitives.ReadUInt32BigEndian(simple);
            ulong cookie = BinaryPrimitives.ReadUInt64BigEndian(simple.AsSpan(4));
            return new Reply(cookie, error, null, true, error == 0 ? Receive(dataBytes) : []);
        }

        Assert.Equal(0x668e33efu, BinaryPrimitives.ReadUInt32BigEndian(magic));
        byte[] chunk = Receive(16);
        ushort type = BinaryPrimitives.ReadUInt16BigEndian(chunk.AsSpan(2));
        byte[] data = Receive((int)BinaryPrimitives.ReadUInt32BigEndian(chunk.AsSpan(12)));
        return new Reply(
            BinaryPrimitives.ReadUInt64BigEndian(chunk.AsSpan(4)),
            type >= 0x8000 ? BinaryPrimitives.ReadUInt32BigEndian(data) : 0,
            type,
            (chunk[1] & 1) != 0,
            data);
    }

    /// <summary>Sends a request and returns its one reply.</summary>
    internal Reply Ask(
        ushort command,
        ulong offset,
        uint length,
        ushort flags = 0,
        byte[]? payload = null,
        int dataBytes = 0)
    {
        SendRequest(command, 0x1122334455667788, offset, length, flags, payload);
        Reply reply = ReadReply(dataBytes);
        Assert.Equal(0x1122334455667788ul, reply.Cookie);
        Assert.True(reply.Done);
        return reply;
    }

    /// <summary>Reads exactly that many bytes; an early end of the stream fails.</summary>
    internal byte[] Receive(int count)
    {
        byte[] bytes = new byte[count];
        for (int filled = 0; filled < count;)
        {
            int received = Socket.Receive(bytes, filled, count - filled, SocketFlags.None);
            Assert.True(received > 0, $"the server closed after {filled} of {count} bytes");
            filled += received;
        }

        return bytes;
    }

    /// <summary>The server has closed: nothing more comes, and then the end.</summary>
    internal void ExpectClosed()
    {
        try
        {
            Assert.Equal(0, Socket.Receive(new byte[1]));
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closed while bytes of ours lay unread: the same to a client.
        }
    }

    public void Dispose() => Socket.Dispose();
}
