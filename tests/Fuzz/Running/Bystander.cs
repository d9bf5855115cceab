using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using Replication.Fuzz.Wire;

namespace Replication.Fuzz.Running;

/// <summary>
/// A client with a volume of its own that knows what it has written: it writes, reads back, compares and
/// measures all along, on one connection and, now and then, on a new one.
/// </summary>
internal sealed class Bystander(string socketPath, string export, int sizeBytes, long seed)
{
    private const int BlockBytes = 16 << 10;
    private const int RoundsPerConnection = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly Random _random = new((int)seed);
    private readonly ulong[] _written = new ulong[sizeBytes / BlockBytes];
    private ulong _cookie;

    /// <summary>Reads and writes.</summary>
    public Latencies Requests { get; } = new();

    /// <summary>From connecting to the first answer.</summary>
    public Latencies Connects { get; } = new();

    /// <summary>What went wrong; null: nothing.</summary>
    public string? Complaint { get; private set; }

    /// <summary>Runs until it is stopped or something is wrong.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                await ConnectAndWorkAsync(stop);
            }
        }
        catch (Exception wrong) when (wrong is SocketException or InvalidDataException
            or OperationCanceledException)
        {
            Complaint = $"after {Requests.Count} requests: {wrong.Message}";
        }
    }

    private async Task ConnectAndWorkAsync(CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using (CancellationTokenSource limit = new(Patience))
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), limit.Token);
        }

        await ReceiveAsync(socket, 18);
        byte[] handshake = [.. Nbd.Be(3u), .. Nbd.Option(Nbd.ExportName, [.. Nbd.Be(export)[4..]])];
        await SendAsync(socket, handshake);
        byte[] answer = await ReceiveAsync(socket, 10);
        if (BinaryPrimitives.ReadUInt64BigEndian(answer) != (ulong)sizeBytes)
        {
            throw new InvalidDataException("the export has another size");
        }

        Connects.AddSince(start);
        for (int round = 0; round < RoundsPerConnection && !stop.IsCancellationRequested; round++)
        {
            await WriteAsync(socket, _random.Next(_written.Length));
            await ReadAsync(socket, _random.Next(_written.Length));
            if (round % 20 == 0)
            {
                await AskAsync(socket, Nbd.Request(Nbd.Flush, 0, ++_cookie, 0, 0), 0);
            }

            await Task.Delay(Pause, CancellationToken.None);
        }

        await SendAsync(socket, Nbd.Request(Nbd.Disconnect, 0, ++_cookie, 0, 0));
    }

    private async Task WriteAsync(Socket socket, int block)
    {
        ulong version = (ulong)_random.NextInt64() | 1;
        ulong offset = (ulong)block * BlockBytes;
        byte[] payload = ContentOf(block, version);
        await AskAsync(
            socket, Nbd.Request(Nbd.Write, 0, ++_cookie, offset, BlockBytes, payload), 0);
        _written[block] = version;
    }

    private async Task ReadAsync(Socket socket, int block)
    {
        ulong offset = (ulong)block * BlockBytes;
        byte[] read = await AskAsync(
            socket, Nbd.Request(Nbd.Read, 0, ++_cookie, offset, BlockBytes), BlockBytes);
        if (!read.AsSpan().SequenceEqual(ContentOf(block, _written[block])))
        {
            throw new InvalidDataException($"block {block} does not hold what was written");
        }
    }

    private static byte[] ContentOf(int block, ulong version)
    {
        byte[] content = new byte[BlockBytes];
        for (int at = 0; version != 0 && at < BlockBytes; at += sizeof(ulong))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(
                content.AsSpan(at), (version * (ulong)(at + 1)) ^ (ulong)block);
        }

        return content;
    }

    private async Task<byte[]> AskAsync(Socket socket, byte[] request, int dataBytes)
    {
        long start = Stopwatch.GetTimestamp();
        await SendAsync(socket, request);
        byte[] head = await ReceiveAsync(socket, 16);
        uint error = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4));
        if (BinaryPrimitives.ReadUInt32BigEndian(head) != Nbd.SimpleMagic || error != 0
            || BinaryPrimitives.ReadUInt64BigEndian(head.AsSpan(8)) != _cookie)
        {
            throw new InvalidDataException($"a reply {Convert.ToHexString(head)} to cookie {_cookie}");
        }

        byte[] data = await ReceiveAsync(socket, dataBytes);
        Requests.AddSince(start);
        return data;
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        using CancellationTokenSource limit = new(Patience);
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, limit.Token)..];
        }
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        using CancellationTokenSource limit = new(Patience);
        byte[] bytes = new byte[count];
        for (int filled = 0; filled < count;)
        {
            int received = await socket.ReceiveAsync(bytes.AsMemory(filled), SocketFlags.None, limit.Token);
            filled += received > 0
                ? received
                : throw new InvalidDataException("the server closed the bystander's connection");
        }

        return bytes;
    }
}
