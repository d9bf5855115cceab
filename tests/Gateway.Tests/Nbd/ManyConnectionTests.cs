using Replication.Gateway.Nbd;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>A thousand idle clients, slow ones, and thousands of broken conversations one after the other.
/// </summary>
[Collection(MeasuredAlone)]
public sealed class ManyConnectionTests
{
    /// <summary>Tests that measure memory run beside no others.</summary>
    private const string MeasuredAlone = "measured alone";

    private const int KiB = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_thousand_idle_connections_cost_little_and_hinder_nobody()
    {
        await using TestServer server = new(
            new NbdServerOptions { HandshakeTimeout = TimeSpan.FromMinutes(5) });
        const int Count = 1000;
        using RawClient worker = server.Attach();
        List<RawClient> idle = [];
        for (int i = 0; i < Count / 2; i++)
        {
            idle.Add(server.Attach());
            idle.Add(server.Connect());
        }

        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(0u, worker.Ask(RawClient.Write, 0, 4096, 0, new byte[4096]).Error);
            Assert.Equal(0u, worker.Ask(RawClient.Read, 0, 4096).Error);
        }

        Assert.Equal(Count + 1, server.Server.ConnectionCount);
        idle.ForEach(static client => client.Dispose());
        Until(() => server.Server.ConnectionCount == 1);
        server.Log.ExpectEnds(Count);
    }

    [Fact]
    public async Task An_idle_connection_holds_less_than_32_KiB()
    {
        await using TestServer server = new();
        List<RawClient> idle = [];
        Add(50);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        const int Count = 400;
        Add(Count);
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        Assert.InRange(each, 0, 32 * KiB);
        idle.ForEach(static client => client.Dispose());

        void Add(int count)
        {
            for (int i = 0; i < count; i++)
            {
                idle.Add(server.Attach());
            }
        }
    }

    [Fact]
    public async Task Thousands_of_broken_conversations_leave_no_memory_behind()
    {
        await using TestServer server = new(new NbdServerOptions { DrainTimeout = TimeSpan.FromSeconds(1) });
        Random random = new(21);

        // The pools are full by then.
        Hold(5000);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        const int Count = 4000;
        Hold(Count);
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        Assert.InRange(each, long.MinValue, 100);
        Assert.Equal(0, server.Exports.CountUsers("disk"));
        Assert.Equal(0, server.Server.TakenBytes);

        void Hold(int count)
        {
            for (int i = 0; i < count; i++)
            {
                byte[] whole = i % 4 == 0 ? Conversations.Simple : Conversations.Structured;
                using RawClient client = server.Connect();
                Conversations.SendAndShutDown(client, Conversations.Damaged(random, whole));
                Conversations.ReadToEnd(client);
            }

            Until(() => server.Server.ConnectionCount == 0);
            server.Log.ExpectNoErrors();
            server.Volume.Asked.Clear();
        }
    }

    [Fact]
    public async Task A_slow_reader_gets_all_of_its_answer_while_others_are_served()
    {
        await using TestServer server = new();
        new Random(2).NextBytes(server.Volume.Data);
        using RawClient slow = server.Attach(structured: false);
        slow.Socket.ReceiveBufferSize = 4096;
        slow.SendRequest(RawClient.Read, 1, 0, TestServer.SizeBytes);
        using RawClient other = server.Attach(structured: false);
        Assert.Equal([.. RawClient.Be(0x67446698u), .. new byte[11], 1], slow.Receive(16));
        byte[] read = new byte[TestServer.SizeBytes];
        const int Piece = 16 * KiB;
        for (int at = 0; at < read.Length; at += Piece)
        {
            slow.Receive(Piece).CopyTo(read, at);
            Assert.Equal(0u, other.Ask(RawClient.Flush, 0, 0).Error);
        }

        Assert.Equal(server.Volume.Data, read);
    }

    [Fact]
    public async Task A_client_that_never_reads_its_answers_ends_with_its_reason_when_the_server_stops()
    {
        await using TestServer server = new(
            new NbdServerOptions { DrainTimeout = TimeSpan.FromMilliseconds(100) });
        using RawClient deaf = server.Attach(structured: false);
        for (uint i = 0; i < 40; i++)
        {
            deaf.SendRequest(RawClient.Read, i, 0, 1 << 20);
        }

        Until(() => server.Volume.Asked.Count == 40);
        await server.Server.StopAsync();
        string reason = server.Log.Expect("closed: the server is stopping").Message;
        Assert.Contains("or their answers not taken, within 0.1 s", reason, StringComparison.Ordinal);
        Until(() => server.Server.TakenBytes == 0);
    }

    [Fact]
    public async Task A_goodbye_to_a_silent_volume_ends_with_the_drain_timeout_as_its_reason()
    {
        await using TestServer server = new(
            new NbdServerOptions { DrainTimeout = TimeSpan.FromMilliseconds(100) });
        using RawClient client = server.Attach();
        server.Volume.Hold();
        client.SendRequest(RawClient.Flush, 1, 0, 0);
        client.SendRequest(RawClient.Disc, 2, 0, 0);
        client.ExpectClosed();
        server.Log.Expect("closed: 1 requests were not answered, or their answers not taken, within 0.1 s");
    }

    [Fact]
    public async Task Cookies_used_for_many_requests_at_once_are_each_answered_as_often()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach(structured: false);
        server.Volume.Hold();
        const int Count = 50;
        for (int i = 0; i < Count; i++)
        {
            client.SendRequest(RawClient.Flush, 0, 0, 0);
            client.SendRequest(RawClient.Trim, ulong.MaxValue, 0, 512);
            client.SendRequest(4711, 0, 0, 0);
        }

        Until(() => server.Volume.HeldCount == 2 * Count);
        server.Volume.LetGo(lastFirst: true);
        List<(ulong Cookie, uint Error)> replies = [];
        for (int i = 0; i < 3 * Count; i++)
        {
            RawClient.Reply reply = client.ReadReply();
            replies.Add((reply.Cookie, reply.Error));
        }

        Assert.Equal(Count, replies.Count(static reply => reply == (0, 22)));
        Assert.Equal(Count, replies.Count(static reply => reply == (0, 0)));
        Assert.Equal(Count, replies.Count(static reply => reply == (ulong.MaxValue, 0)));
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));

    [CollectionDefinition(MeasuredAlone, DisableParallelization = true)]
    public sealed class Alone;
}
