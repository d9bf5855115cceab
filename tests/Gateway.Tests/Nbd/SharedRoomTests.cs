using System.Net.Sockets;
using Replication.Gateway.Exports;
using Replication.Gateway.Nbd;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>
/// Clients that leave their answers unread or their writes half sent, on many connections: together they hold
/// no more than the total, and the others are served.
/// </summary>
public sealed class SharedRoomTests
{
    private const int MiB = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>64 MiB: 16 set aside (256 KiB a connection), 48 shared.</summary>
    private static readonly NbdServerOptions Small = new()
    {
        TotalInFlightBytesMax = NbdServerOptions.TotalInFlightBytesMin,
        ConnectionsMax = 64,
        StallTimeout = TimeSpan.FromMinutes(1),
    };

    [Fact]
    public async Task Clients_that_never_read_hold_no_more_than_the_total_and_others_are_served()
    {
        await using TestServer server = new(Small);
        Array.Fill(server.Volume.Data, (byte)3);
        List<RawClient> greedy = Greedy(server, connections: 10);
        Until(() => server.Server.TakenBytes > 44 * MiB);
        using RawClient other = server.Attach(structured: false);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal(0u, other.Ask(RawClient.Read, 0, 64 << 10, dataBytes: 64 << 10).Error);
            Assert.Equal(0u, other.Ask(RawClient.Write, 0, 64 << 10, 0, new byte[64 << 10]).Error);
        }

        Assert.InRange(server.Server.TakenBytes, 44 * MiB, 48 * MiB);
        greedy.ForEach(static client => client.Dispose());
        Until(() => server.Server.TakenBytes == 0);
        server.Log.ExpectNoErrors();
    }

    [Fact]
    public async Task The_answers_of_clients_that_read_again_all_come()
    {
        await using TestServer server = new(Small);
        List<RawClient> greedy = Greedy(server, connections: 4);
        Until(() => server.Server.TakenBytes > 40 * MiB);
        await Task.WhenAll(greedy.Select(client => Task.Run(() =>
        {
            for (int i = 0; i < 64; i++)
            {
                Assert.Equal(0u, client.ReadReply(MiB).Error);
            }
        })));
        Until(() => server.Server.TakenBytes == 0);
        greedy.ForEach(static client => client.Dispose());
    }

    [Fact]
    public async Task A_stalled_client_is_disconnected_once_another_waits_for_its_room()
    {
        await using TestServer server = new(
            Small with { StallTimeout = TimeSpan.FromMilliseconds(400) }, sizeBytes: 33 * MiB);
        using RawClient stalled = Greedy(server, connections: 1)[0];
        Until(() => server.Server.TakenBytes > 20 * MiB);
        using RawClient other = server.Attach(structured: false);
        Assert.Equal(0u, other.Ask(RawClient.Read, 0, 32 * MiB, dataBytes: 32 * MiB).Error);
        string reason = server.Log.Expect("unread or half sent for 0.4 s while others waited").Message;
        Assert.StartsWith("closed: it left ", reason, StringComparison.Ordinal);
        Until(() => server.Server.ConnectionCount == 1);
        Until(() => server.Server.TakenBytes == 0);
    }

    [Fact]
    public async Task Writes_left_half_sent_are_disconnected_the_same_way()
    {
        await using TestServer server = new(
            Small with { StallTimeout = TimeSpan.FromMilliseconds(400) }, sizeBytes: 33 * MiB);
        using RawClient half = server.Attach();
        half.SendRequest(RawClient.Write, 1, 0, 32 * MiB, 0, new byte[MiB]);
        Until(() => server.Server.TakenBytes > 31 * MiB);
        using RawClient other = server.Attach(structured: false);
        Assert.Equal(0u, other.Ask(RawClient.Write, 0, 32 * MiB, 0, new byte[32 * MiB]).Error);
        server.Log.Expect("it left 1 requests with 33554432 bytes unread or half sent");
        half.ExpectClosed();
        Until(() => server.Server.TakenBytes == 0);
    }

    [Fact]
    public async Task Nobody_is_disconnected_when_only_stalled_clients_wait()
    {
        await using TestServer server = new(Small with { StallTimeout = TimeSpan.FromMilliseconds(100) });
        List<RawClient> greedy = Greedy(server, connections: 4);
        Until(() => server.Server.TakenBytes > 40 * MiB);
        using RawClient other = server.Attach(structured: false);
        for (int i = 0; i < 500; i++)
        {
            Assert.Equal(0u, other.Ask(RawClient.Read, 0, 4096, dataBytes: 4096).Error);
            await Task.Delay(1);
        }

        Assert.Equal(5, server.Server.ConnectionCount);
        greedy.ForEach(static client => client.Dispose());
    }

    [Fact]
    public async Task Requests_that_a_removed_volume_never_answers_do_not_count_for_ever()
    {
        await using TestServer server = new(Small with { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        using RawClient client = server.Attach();
        server.Volume.Hold();
        client.SendRequest(RawClient.Read, 1, 0, 4 * MiB);
        Until(() => server.Volume.HeldCount == 1);
        Assert.InRange(server.Server.TakenBytes, 3 * MiB, 4 * MiB);
        server.Exports.Remove("disk", "the volume is gone");
        client.ExpectClosed();
        Until(() => server.Server.TakenBytes == 0);

        // An answer that comes after all is dropped.
        server.Volume.LetGo();
        Until(() => server.Volume.LastRead is not null);
        server.Log.ExpectNoErrors();
    }

    [Fact]
    public async Task Requests_of_a_client_that_left_count_until_the_volume_has_answered()
    {
        await using TestServer server = new(Small with { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        server.Volume.Hold();
        using (RawClient client = server.Attach())
        {
            client.SendRequest(RawClient.Write, 1, 0, 4 * MiB, 0, new byte[4 * MiB]);
            Until(() => server.Volume.HeldCount == 1);
        }

        Until(() => server.Server.ConnectionCount == 0);
        Assert.InRange(server.Server.TakenBytes, 3 * MiB, 4 * MiB);
        server.Volume.LetGo();
        Until(() => server.Server.TakenBytes == 0);
    }

    [Fact]
    public async Task Requests_of_a_client_that_left_do_not_count_once_their_volume_is_gone_either()
    {
        await using TestServer server = new(Small with { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        server.Volume.Hold();
        for (int client = 1; client <= 3; client++)
        {
            using (RawClient leaving = server.Attach())
            {
                leaving.SendRequest(RawClient.Write, 1, 0, 4 * MiB, 0, new byte[4 * MiB]);
                Until(() => server.Volume.HeldCount == client);
            }

            Until(() => server.Server.ConnectionCount == 0);
        }

        Assert.InRange(server.Server.TakenBytes, 9 * MiB, 12 * MiB);
        Assert.Equal(0, server.Exports.CountUsers("disk"));

        // One is answered, then the volume goes with what lies in its mailbox.
        Assert.True(server.Volume.LetOneGo());
        Until(() => server.Server.TakenBytes < 8 * MiB);
        server.Exports.Remove("disk", "the volume is gone");
        Assert.Equal(0, server.Server.TakenBytes);

        // Were anything given back twice, the budget would throw.
        server.Volume.LetGo();
        server.Exports.Add(new Export("disk", TestServer.SizeBytes, server.Volume, ReadOnly: false, ""));
        using RawClient next = server.Attach(structured: false);
        Assert.Equal(0u, next.Ask(RawClient.Read, 0, 4 * MiB, dataBytes: 4 * MiB).Error);
        Until(() => server.Server.TakenBytes == 0);
        server.Log.ExpectNoErrors();
    }

    /// <summary>Clients with 64 reads of 1 MiB each that they do not take the answers of.</summary>
    private static List<RawClient> Greedy(TestServer server, int connections)
    {
        List<RawClient> clients = [];
        for (int i = 0; i < connections; i++)
        {
            RawClient client = server.Attach(structured: false);
            clients.Add(client);
            for (uint read = 0; read < 64; read++)
            {
                client.SendRequest(RawClient.Read, read, 0, MiB);
            }
        }

        return clients;
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));
}
