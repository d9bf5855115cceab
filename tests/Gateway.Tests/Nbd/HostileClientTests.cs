using System.Net.Sockets;
using Replication.Gateway.Nbd;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>Clients that break off, flood, stall or send garbage; the others are not to notice.</summary>
public sealed class HostileClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_conversation_sent_byte_by_byte_gets_the_same_answers()
    {
        await using TestServer server = new();
        using RawClient whole = server.Connect();
        whole.Send(Conversations.Structured);
        byte[] expected = Conversations.ReadToEnd(whole);
        using RawClient dripping = server.Connect();
        foreach (byte one in Conversations.Structured)
        {
            dripping.Send([one]);
        }

        byte[] answers = Conversations.ReadToEnd(dripping);

        // Requests are answered as they finish: the same bytes, not necessarily in the same order.
        Assert.Equal(expected.Order(), answers.Order());
    }

    [Fact]
    public async Task Damaged_conversations_never_disturb_the_server()
    {
        await using TestServer server = new(new NbdServerOptions { DrainTimeout = TimeSpan.FromSeconds(1) });
        Random random = new(20);
        for (int round = 0; round < 400; round++)
        {
            byte[] damaged = [.. Conversations.Structured];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            using RawClient client = server.Connect();
            try
            {
                client.Send(damaged);
                client.Socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException closed) when (closed.SocketErrorCode is SocketError.Shutdown
                or SocketError.ConnectionReset or SocketError.NotConnected)
            {
                // The server closed at the damage, as it may.
            }

            Conversations.ReadToEnd(client);
        }

        ExpectHealthy(server);
    }

    [Fact]
    public async Task A_wrong_request_magic_closes_the_connection_with_the_reason_in_the_log()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        client.Send(new byte[28]);
        client.ExpectClosed();
        server.Log.Expect("magic 00000000");
        ExpectHealthy(server);
    }

    [Fact]
    public async Task Requests_in_flight_are_bounded_by_count()
    {
        await using TestServer server = new(new NbdServerOptions { InFlightCountMax = 4 });
        using RawClient client = server.Attach();
        server.Volume.Hold();
        for (uint i = 0; i < 100; i++)
        {
            client.SendRequest(RawClient.Read, i, 0, 16);
        }

        for (uint i = 0; i < 100; i++)
        {
            Until(server.Volume.LetOneGo);
            Assert.Equal(0u, client.ReadReply().Error);
        }

        Assert.Equal(4, server.Volume.HeldCountPeak);
    }

    [Fact]
    public async Task Requests_in_flight_are_bounded_by_bytes_and_one_alone_always_fits()
    {
        await using TestServer server = new(new NbdServerOptions { InFlightBytesMax = 10_000 });
        using RawClient client = server.Attach();
        server.Volume.Hold();
        const int Count = 20;
        for (uint i = 0; i < Count / 2; i++)
        {
            client.SendRequest(RawClient.Write, i, 0, 4096, 0, new byte[4096]);
            client.SendRequest(RawClient.Read, i, 0, i == 5 ? 1u << 20 : 4096u);
        }

        for (uint i = 0; i < Count; i++)
        {
            Until(server.Volume.LetOneGo);
            Assert.Equal(0u, client.ReadReply().Error);
        }

        Assert.Equal(2, server.Volume.HeldCountPeak);
    }

    [Fact]
    public async Task Refused_requests_are_bounded_too()
    {
        await using TestServer server = new(new NbdServerOptions { InFlightCountMax = 8 });
        using RawClient client = server.Attach(structured: false);
        const int Count = 50_000;
        Task sending = Task.Run(() =>
        {
            for (uint i = 0; i < Count; i++)
            {
                client.SendRequest(4711, i, 0, 0);
            }
        });
        for (uint i = 0; i < Count; i++)
        {
            Assert.Equal(22u, client.ReadReply().Error);
        }

        await sending;
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_not_read_from_and_others_are_served()
    {
        await using TestServer server = new(new NbdServerOptions { InFlightBytesMax = 4 << 20 });
        Array.Fill(server.Volume.Data, (byte)3);
        using RawClient slow = server.Attach(structured: false);
        const int Count = 40;
        for (uint i = 0; i < Count; i++)
        {
            slow.SendRequest(RawClient.Read, i, 0, 1 << 20);
        }

        Until(() => server.Volume.Asked.Count >= 4);
        using RawClient other = server.Attach();
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(0u, other.Ask(RawClient.Flush, 0, 0).Error);
        }

        // Four may be in flight, and less than one fits the kernel's buffers.
        Assert.InRange(server.Volume.Asked.Count - 100, 4, 6);
        for (uint i = 0; i < Count; i++)
        {
            RawClient.Reply reply = slow.ReadReply(1 << 20);
            Assert.True(reply.Data.AsSpan().IndexOfAnyExcept((byte)3) < 0);
        }
    }

    [Fact]
    public async Task Thousands_of_pipelined_requests_are_all_answered_once()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        const int Count = 10_000;
        Task sending = Task.Run(() =>
        {
            for (uint i = 0; i < Count; i++)
            {
                byte[] payload = new byte[64];
                Array.Fill(payload, (byte)((i % 250) + 1));
                client.SendRequest(RawClient.Write, i * 2, i * 64, 64, 0, payload);
                client.SendRequest(RawClient.Read, (i * 2) + 1, i * 64, 64);
            }
        });
        HashSet<ulong> answered = [];
        for (int i = 0; i < 2 * Count; i++)
        {
            RawClient.Reply reply = client.ReadReply();
            Assert.Equal(0u, reply.Error);
            Assert.True(answered.Add(reply.Cookie));
            if (reply.Cookie % 2 == 1)
            {
                Assert.Equal((byte)((reply.Cookie / 2 % 250) + 1), reply.Data[8]);
            }
        }

        await sending;
    }

    [Fact]
    public async Task A_cookie_used_twice_is_answered_twice()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        server.Volume.Hold();
        client.SendRequest(RawClient.Read, 7, 0, 16);
        client.SendRequest(RawClient.Flush, 7, 0, 0);
        Until(() => server.Volume.HeldCount == 2);
        server.Volume.LetGo();
        Assert.Equal((7ul, 7ul), (client.ReadReply().Cookie, client.ReadReply().Cookie));
    }

    [Fact]
    public async Task Connections_past_the_limit_are_closed_and_room_is_given_again()
    {
        await using TestServer server = new(new NbdServerOptions { ConnectionsMax = 2 });
        using RawClient first = server.Attach();
        using (RawClient second = server.Attach())
        {
            using RawClient third = server.Connect();
            third.ExpectClosed();
            Assert.Equal(0u, second.Ask(RawClient.Flush, 0, 0).Error);
        }

        Until(() => server.Server.ConnectionCount == 1);
        ExpectHealthy(server);
    }

    private static void ExpectHealthy(TestServer server)
    {
        using RawClient client = server.Attach();
        Assert.Equal(0u, client.Ask(RawClient.Write, 0, 4, 0, [4, 3, 2, 1]).Error);
        Assert.Equal([4, 3, 2, 1], client.Ask(RawClient.Read, 0, 4).Data[8..]);
        server.Log.ExpectNoErrors();
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));
}
