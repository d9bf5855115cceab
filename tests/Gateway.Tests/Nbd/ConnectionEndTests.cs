using Replication.Gateway.Exports;
using Replication.Gateway.Nbd;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>How connections end: by the client, by a withdrawn export, by the server.</summary>
public sealed class ConnectionEndTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_withdrawn_export_answers_what_was_under_way_then_shutdown_then_closes()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        server.Volume.Hold();
        client.SendRequest(RawClient.Write, 1, 0, 4, 0, [1, 2, 3, 4]);
        Until(() => server.Volume.HeldCount == 1);
        Assert.True(server.Exports.Remove("disk", "the volume stopped"));
        client.SendRequest(RawClient.Read, 2, 0, 4);
        client.SendRequest(RawClient.Write, 3, 0, 70_000, 0, new byte[70_000]);
        server.Volume.LetGo();
        Dictionary<ulong, uint> errors = [];
        for (int i = 0; i < 3; i++)
        {
            RawClient.Reply reply = client.ReadReply();
            errors.Add(reply.Cookie, reply.Error);
        }

        Assert.Equal((0u, 108u, 108u), (errors[1], errors[2], errors[3]));
        client.ExpectClosed();
        server.Log.Expect("the volume stopped");
    }

    [Fact]
    public async Task A_withdrawn_export_is_gone_for_new_clients_and_its_name_is_free()
    {
        await using TestServer server = new();
        using RawClient old = server.Attach();
        Assert.Equal(1, server.Exports.CountUsers("disk"));
        server.Exports.Remove("disk", "made anew");
        Assert.False(server.Exports.Remove("disk", "twice"));
        old.ExpectClosed();
        using RawClient late = server.Connect();
        late.Greet();
        Assert.Equal(RawClient.ErrUnknown, late.Negotiate(RawClient.Go, RawClient.InfoData("disk")).Type);
        Export anew = new("disk", 512, server.Volume, ReadOnly: false, string.Empty);
        Assert.True(server.Exports.Add(anew));
        Assert.Equal(RawClient.InfoReply, late.Negotiate(RawClient.Go, RawClient.InfoData("disk")).Type);
    }

    [Fact]
    public async Task A_stop_finishes_what_is_under_way_and_closes_every_connection()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        using RawClient negotiating = server.Connect();
        negotiating.Greet();
        server.Volume.Hold();
        client.SendRequest(RawClient.Read, 1, 0, 4096);
        Until(() => server.Volume.HeldCount == 1);
        Task stopping = server.Server.StopAsync();
        negotiating.ExpectClosed();
        Assert.False(stopping.IsCompleted);
        server.Volume.LetGo();
        Assert.Equal((1ul, 0u), (client.ReadReply().Cookie, 0u));
        client.ExpectClosed();
        await stopping;
        Assert.Equal(0, server.Server.ConnectionCount);
    }

    [Fact]
    public async Task A_stop_waits_no_longer_than_its_limit_for_a_volume_that_is_silent()
    {
        await using TestServer server = new(
            new NbdServerOptions { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        using RawClient client = server.Attach();
        server.Volume.Hold();
        client.SendRequest(RawClient.Read, 1, 0, 4096);
        Until(() => server.Volume.HeldCount == 1);
        await server.Server.StopAsync();
        client.ExpectClosed();
    }

    [Fact]
    public async Task An_answer_that_comes_after_the_client_has_gone_is_dropped_and_its_memory_returned()
    {
        await using TestServer server = new(
            new NbdServerOptions { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        using (RawClient client = server.Attach())
        {
            server.Volume.Hold();
            client.SendRequest(RawClient.Read, 1, 0, 1 << 20);
            Until(() => server.Volume.HeldCount == 1);
        }

        Until(() => server.Server.ConnectionCount == 0);
        server.Volume.LetGo();
        Until(() => IsReleased(server));
        using RawClient next = server.Attach();
        Assert.Equal(0u, next.Ask(RawClient.Read, 0, 512).Error);
        server.Log.ExpectNoErrors();
    }

    [Fact]
    public async Task A_second_answer_of_the_volume_reaches_nobody()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        server.Volume.AnswerTwice = true;
        Assert.Equal(0u, client.Ask(RawClient.Read, 0, 512).Error);
        Assert.Equal(0u, client.Ask(RawClient.Flush, 0, 0).Error);
        server.Log.Expect("got a second answer");
        Until(() => IsReleased(server));
    }

    [Fact]
    public async Task A_client_that_leaves_without_a_goodbye_still_has_its_writes_done()
    {
        await using TestServer server = new();
        using (RawClient client = server.Attach())
        {
            client.SendRequest(RawClient.Write, 1, 0, 4, 0, [1, 2, 3, 4]);
        }

        server.Log.Expect("closed");
        Assert.Equal([1, 2, 3, 4], server.Volume.Data[..4]);
        Until(() => server.Exports.CountUsers("disk") == 0);
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));

    private static bool IsReleased(TestServer server)
    {
        try
        {
            return server.Volume.LastRead is { } buffer && buffer.Span.IsEmpty;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }
}
