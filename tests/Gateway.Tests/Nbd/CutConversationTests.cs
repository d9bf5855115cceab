using System.Net.Sockets;
using Replication.Actors.Logging;
using Replication.Gateway.Nbd;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>
/// Whole conversations cut at every byte, in each way that a client can stop: by closing one direction, by
/// vanishing, by standing still.
/// </summary>
public sealed class CutConversationTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A request that is never whole must not hold up the end: the limit lies beyond all patience.
    /// </summary>
    private static readonly NbdServerOptions NoDrain = new() { DrainTimeout = TimeSpan.FromMinutes(5) };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_whole_is_answered_and_the_connection_ends_with_its_reason(bool structured)
    {
        await using TestServer server = new(NoDrain);
        byte[] conversation = structured ? Conversations.Structured : Conversations.Simple;
        byte[] all = Answers(server, conversation);
        int before = 0;
        for (int length = 0; length < conversation.Length; length++)
        {
            byte[] answers = Answers(server, conversation[..length]);
            Assert.InRange(answers.Length, before, all.Length);
            before = answers.Length;
        }

        Assert.Equal(all.Length, before);
        foreach (LogEvent end in server.Log.ExpectEnds(conversation.Length + 1).Values)
        {
            Assert.NotEqual(LogLevel.Error, end.Level);
        }

        ExpectNothingLeft(server);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_vanishes_at_any_byte_leaves_nothing_behind(bool structured)
    {
        await using TestServer server = new(NoDrain);
        byte[] conversation = structured ? Conversations.Structured : Conversations.Simple;
        for (int length = 0; length < conversation.Length; length++)
        {
            // Unread answers in the socket make the close a reset.
            using RawClient client = server.Connect();
            client.Send(conversation[..length]);
        }

        server.Log.ExpectEnds(conversation.Length);
        ExpectNothingLeft(server);
    }

    [Fact]
    public async Task Clients_that_stand_still_at_every_byte_hinder_nobody()
    {
        await using TestServer server = new(
            new NbdServerOptions { HandshakeTimeout = TimeSpan.FromSeconds(2) });
        List<RawClient> still = [];
        for (int length = 0; length < Conversations.Structured.Length; length++)
        {
            RawClient client = server.Connect();
            client.Send(Conversations.Structured[..length]);
            still.Add(client);
        }

        using RawClient bystander = server.Attach();
        byte[] sent = new byte[70_000];
        for (int i = 0; i < 100; i++)
        {
            Array.Fill(sent, (byte)(i + 1));
            Assert.Equal(0u, bystander.Ask(RawClient.Write, 1 << 20, 70_000, 0, sent).Error);
            Assert.Equal(sent, bystander.Ask(RawClient.Read, 1 << 20, 70_000).Data[8..]);
        }

        // Those in their handshake are ended; those in transmission may take their time.
        int inHandshake = HandshakeBytes();
        Until(() => server.Server.ConnectionCount == Conversations.Structured.Length - inHandshake + 1);
        still.ForEach(static client => client.Dispose());
        Until(() => server.Server.ConnectionCount == 1);
        server.Log.ExpectEnds(Conversations.Structured.Length);
    }

    [Fact]
    public async Task A_write_that_is_cut_anywhere_never_reaches_the_volume()
    {
        await using TestServer server = new(NoDrain);
        byte[] payload = Enumerable.Repeat((byte)9, 300).ToArray();
        byte[] write = RawClient.RequestBytes(RawClient.Write, 1, 0, 300, 0, payload);
        for (int length = 0; length < write.Length; length++)
        {
            using RawClient client = server.Attach();
            client.Send(write[..length]);
            client.Socket.Shutdown(SocketShutdown.Send);
            client.ExpectClosed();
        }

        Assert.Empty(server.Volume.Asked);
        Assert.Equal(0, server.Volume.Data[0]);
        ExpectNothingLeft(server);
    }

    /// <summary>Bytes before the GO option is whole.</summary>
    private static int HandshakeBytes()
    {
        byte[] go = RawClient.OptionBytes(RawClient.Go, RawClient.InfoData("disk", 3));
        return Conversations.Structured.AsSpan().IndexOf(go) + go.Length;
    }

    private static byte[] Answers(TestServer server, byte[] sent)
    {
        using RawClient client = server.Connect();
        Conversations.SendAndShutDown(client, sent);
        return Conversations.ReadToEnd(client);
    }

    private static void ExpectNothingLeft(TestServer server)
    {
        Until(() => server.Server.ConnectionCount == 0);
        Until(() => server.Exports.CountUsers("disk") == 0);
        Assert.Equal(0, server.Server.TakenBytes);
        using RawClient client = server.Attach();
        Assert.Equal(0u, client.Ask(RawClient.Write, 0, 4, 0, [4, 3, 2, 1]).Error);
        Assert.Equal([4, 3, 2, 1], client.Ask(RawClient.Read, 0, 4).Data[8..]);
        server.Log.ExpectNoErrors();
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));
}
