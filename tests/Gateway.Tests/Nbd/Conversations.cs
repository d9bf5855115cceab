using System.Net.Sockets;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>Whole conversations as a client sends them, to be cut, damaged and repeated.</summary>
internal static class Conversations
{
    /// <summary>Every option that leads there, structured replies, and every kind of request once.</summary>
    internal static byte[] Structured { get; } =
    [
        .. RawClient.Be(3u),
        .. RawClient.OptionBytes(RawClient.List, []),
        .. RawClient.OptionBytes(4711, [1, 2, 3]),
        .. RawClient.OptionBytes(RawClient.StructuredReply, []),
        .. RawClient.OptionBytes(RawClient.ListMetaContext, RawClient.MetaData("disk")),
        .. RawClient.OptionBytes(RawClient.SetMetaContext, RawClient.MetaData("disk", "base:allocation")),
        .. RawClient.OptionBytes(RawClient.Info, RawClient.InfoData("disk", 1, 2)),
        .. RawClient.OptionBytes(RawClient.Go, RawClient.InfoData("disk", 3)),
        .. Requests,
    ];

    /// <summary>The oldest way in: one option, padding, simple replies.</summary>
    internal static byte[] Simple { get; } =
    [
        .. RawClient.Be(0u),
        .. RawClient.OptionBytes(RawClient.ExportName, "disk"u8.ToArray()),
        .. Requests,
    ];

    private static byte[] Requests =>
    [
        .. RawClient.RequestBytes(RawClient.Write, 1, 8192, 16, 0, Enumerable.Repeat((byte)9, 16).ToArray()),
        .. RawClient.RequestBytes(RawClient.Read, 2, 0, 64),
        .. RawClient.RequestBytes(RawClient.BlockStatus, 3, 0, 4096),
        .. RawClient.RequestBytes(RawClient.Trim, 4, 0, 4096),
        .. RawClient.RequestBytes(RawClient.WriteZeroes, 5, 0, 4096, RawClient.NoHole),
        .. RawClient.RequestBytes(RawClient.Cache, 6, 0, 4096),
        .. RawClient.RequestBytes(RawClient.Flush, 7, 0, 0),
        .. RawClient.RequestBytes(RawClient.Write, 8, TestServer.SizeBytes, 16, 0, new byte[16]),
        .. RawClient.RequestBytes(RawClient.Disc, 9, 0, 0),
    ];

    /// <summary>The same conversation with up to three bytes changed.</summary>
    internal static byte[] Damaged(Random random, byte[] conversation)
    {
        byte[] damaged = [.. conversation];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
        {
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
        }

        return damaged;
    }

    /// <summary>Sends all and no more; the server may close before, at what it does not accept.</summary>
    internal static void SendAndShutDown(RawClient client, byte[] bytes)
    {
        try
        {
            client.Send(bytes);
            client.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException closed) when (closed.SocketErrorCode is SocketError.Shutdown
            or SocketError.ConnectionReset or SocketError.NotConnected)
        {
            // The server closed at the damage.
        }
    }

    /// <summary>What comes until the server closes.</summary>
    internal static byte[] ReadToEnd(RawClient client)
    {
        List<byte> all = [];
        byte[] buffer = new byte[65536];
        try
        {
            for (int count = 1; count > 0;)
            {
                count = client.Socket.Receive(buffer);
                all.AddRange(buffer.AsSpan(0, count));
            }
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            // The server closed with bytes of ours unread.
        }

        return [.. all];
    }
}
