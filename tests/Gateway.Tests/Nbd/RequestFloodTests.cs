using Replication.Gateway.Nbd;
using Replication.Messages;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>
/// Clients that send small requests without end, on many connections: what they have in flight is bounded
/// together, nothing fails by it, and others go on being served.
/// </summary>
public sealed class RequestFloodTests
{
    private const int MiB = 1 << 20;
    private const int CountMax = 300;
    private const int Connections = 20;
    private const int Sent = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly NbdServerOptions Few = new()
    {
        TotalInFlightCountMax = CountMax,
        StallTimeout = TimeSpan.FromMinutes(1),
    };

    [Fact]
    public async Task A_flood_of_small_reads_waits_in_the_socket_and_an_honest_client_waits_for_few_of_them()
    {
        await using TestServer server = new(Few);
        server.Volume.Hold();
        List<RawClient> flood = Flood(server);
        Until(() => server.Server.Load.WaitingCount == Connections);
        Assert.InRange(server.Volume.HeldCount, Connections, CountMax + Connections);

        // The volume works in order: the honest client's read stands behind no more than the bound.
        using RawClient honest = server.Attach(structured: false);
        for (int i = 0; i < 20; i++)
        {
            server.Volume.Asked.Clear();
            honest.SendRequest(RawClient.Read, 7, 4096, 4096);
            Until(() => server.Volume.Asked.Any(
                static asked => asked is ReadRange { LengthBytes: 4096 }));
            int standing = server.Volume.HeldCount;
            Assert.InRange(standing, 1, CountMax + Connections + 1);
            for (int served = 0; served < standing; served++)
            {
                Assert.True(server.Volume.LetOneGo());
            }

            Assert.Equal(0u, honest.ReadReply(4096).Error);
        }

        Assert.InRange(server.Volume.HeldCountPeak, Connections, CountMax + Connections + 1);
        server.Volume.LetGo();
        await Task.WhenAll(flood.Select(client => Task.Run(() =>
        {
            for (int i = 0; i < Sent; i++)
            {
                Assert.Equal(0u, client.ReadReply(1).Error);
            }
        })));
        Until(() => server.Server.TakenCount == 0);
        Assert.Equal(0, server.Server.TakenBytes);
        flood.ForEach(static client => client.Dispose());
    }

    [Fact]
    public async Task Clients_at_a_usual_depth_have_all_of_it_in_flight_by_the_usual_limits()
    {
        const int Clients = 64;
        const int Depth = 64;
        await using TestServer server = new();
        server.Volume.Hold();
        List<RawClient> clients = [];
        for (int i = 0; i < Clients; i++)
        {
            RawClient client = server.Attach(structured: false);
            clients.Add(client);
            client.Send(Requests(RawClient.Read, 4096, Depth));
        }

        Until(() => server.Volume.HeldCount == Clients * Depth);
        server.Volume.LetGo();
        clients.ForEach(static client => client.Dispose());
    }

    [Fact]
    public async Task A_client_that_reconnects_while_its_volume_answers_nothing_runs_out_of_places()
    {
        const int Places = 4;
        await using TestServer server = new(new NbdServerOptions
        {
            ConnectionsMax = Places,
            TotalInFlightBytesMax = NbdServerOptions.TotalInFlightBytesMin,
            DrainTimeout = TimeSpan.FromMilliseconds(50),
        });
        server.Volume.Hold();
        for (int left = 0; left < Places; left++)
        {
            using (RawClient client = server.Attach())
            {
                client.SendRequest(RawClient.Write, 1, 0, MiB, 0, new byte[MiB]);
                Until(() => server.Volume.HeldCount == left + 1);
            }

            Until(() => server.Server.ConnectionCount == 0);
        }

        // All within what is set aside for each, so nothing shared is taken; but no place is free.
        Assert.Equal(0, server.Server.Load.Connections);
        using (RawClient refused = server.Connect())
        {
            refused.ExpectClosed();
        }

        server.Log.Expect("refused a client");
        Assert.True(server.Volume.LetOneGo());
        Until(() => IsServed(server));
        server.Exports.Remove("disk", "the volume is gone");
        for (int place = 0; place < Places; place++)
        {
            Until(() => IsServed(server));
        }

        server.Log.ExpectNoErrors();
    }

    /// <summary>Whether a client is let in: it gets the greeting.</summary>
    private static bool IsServed(TestServer server)
    {
        using RawClient client = server.Connect();
        return client.Socket.Receive(new byte[18]) > 0;
    }

    private static List<RawClient> Flood(TestServer server)
    {
        List<RawClient> clients = [];
        for (int i = 0; i < Connections; i++)
        {
            RawClient client = server.Attach(structured: false);
            clients.Add(client);
            client.Send(Requests(RawClient.Read, 1, Sent));
        }

        return clients;
    }

    private static byte[] Requests(ushort command, uint length, int count) =>
    [
        .. Enumerable.Range(0, count)
            .SelectMany(number => RawClient.RequestBytes(command, (ulong)number, 0, length)),
    ];

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));
}
