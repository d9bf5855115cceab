using System.Buffers.Binary;
using System.Text;
using Replication.Actors.Remoting.Transports;
using Replication.TestKit.Simulation;

namespace Replication.Actors.Tests.Remoting;

/// <summary>
/// A stranger that writes frames by hand, byte for byte as docs/wire-format.md has them: what remoting must
/// read, and what it must survive.
/// </summary>
internal sealed class RawPeer : IConnectionHandler
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly List<byte> _received = [];
    private IConnection? _connection;

    private RawPeer()
    {
    }

    public Memory<byte> ReceiveMemory => _buffer;

    internal bool IsClosed { get; private set; }

    internal byte[] Received => [.. _received];

    public bool OnReceived(int countBytes)
    {
        _received.AddRange(_buffer.AsSpan(0, countBytes));
        return true;
    }

    public void OnSent(bool ok)
    {
    }

    public void OnClosed(string reason) => IsClosed = true;

    internal static RawPeer Connect(SimulatedWorld world, ITransport transport, string address)
    {
        RawPeer peer = new();
        transport.Connect(address, result => peer._connection = result.Connection);
        world.RunUntil(
            () => peer._connection is not null, TimeSpan.FromSeconds(1), "a stranger is connected");
        peer._connection!.Start(peer);
        return peer;
    }

    internal static byte[] Hello(byte kind, ulong linkId = 77, string cluster = "cluster")
    {
        List<byte> body = [];
        body.AddRange("REPLICA\x01"u8);
        body.AddRange(UInt16(2));
        body.AddRange(UInt16(2));
        body.Add(kind);
        body.AddRange(UInt64(4711));
        body.AddRange(UInt64(linkId));
        body.AddRange(Text(cluster));
        body.AddRange(Text("stranger"));
        return Frame(typeId: 1, body: [.. body]);
    }

    internal static byte[] Frame(
        ushort typeId, byte[]? body = null, byte[]? payload = null, string? target = null, byte flags = 0)
    {
        List<byte> whole = [];
        if (target is not null)
        {
            flags |= 1;
            whole.Add((byte)target.Length);
            whole.AddRange(Encoding.UTF8.GetBytes(target));
        }

        whole.AddRange(body ?? []);
        List<byte> frame = [];
        frame.AddRange(UInt32((uint)whole.Count));
        frame.AddRange(UInt32((uint)(payload?.Length ?? 0)));
        frame.AddRange(UInt16(typeId));
        frame.Add(flags);
        frame.AddRange(new byte[5]);
        frame.AddRange(UInt64(0));
        frame.AddRange(UInt64(9));
        frame.AddRange(whole);
        frame.AddRange(payload ?? []);
        return [.. frame];
    }

    internal void Send(params byte[] bytes) => _connection!.Send([new ArraySegment<byte>(bytes)]);

    internal static byte[] UInt32(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    internal static byte[] UInt16(ushort value) => [(byte)value, (byte)(value >> 8)];

    private static byte[] UInt64(ulong value) => [.. UInt32((uint)value), .. UInt32((uint)(value >> 32))];

    private static byte[] Text(string text) =>
        [.. UInt32((uint)text.Length), .. Encoding.UTF8.GetBytes(text)];
}
