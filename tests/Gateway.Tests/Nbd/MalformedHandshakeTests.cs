using System.Net.Sockets;
using System.Text;
using Replication.Gateway.Exports;
using Replication.Gateway.Nbd;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>
/// Handshakes that are broken, one way each: what the protocol answers, or the close with its reason in the
/// log.
/// </summary>
public sealed class MalformedHandshakeTests
{
    private static readonly byte[] Magic = "IHAVEOPT"u8.ToArray();

    public static TheoryData<string, byte[], string> Broken => new()
    {
        { "flags from the top", RawClient.Be(0x8000_0003u), "flags 80000003" },
        { "a wrong magic", [0, 0, 0, 3, .. "IHAVEOPS"u8, .. new byte[8]], "magic 49484156454f5053" },
        { "an oldstyle request", [0, 0, 0, 3, .. RawClient.RequestBytes(0, 1, 0, 1)], "magic 25609513" },
        { "HTTP", Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"), "flags 47455420" },
        { "TLS without asking", [0x16, 3, 1, 0, 0xa5, 1, 0, 0], "flags 16030100" },
        { "an absurd length", [0, 0, 0, 3, .. Magic, 0, 0, 0, 99, 0, 0x10, 0, 1], "announces 1048577 bytes" },
        { "a name too long", [0, 0, 0, 3, .. Magic, 0, 0, 0, 1, 0, 0, 0x10, 1], "announces 4097 bytes" },
        { "no such name", Named("nope"u8), "there is no export 'nope'" },
        { "no default", Named([]), "there is no export ''" },
        { "a name that is not UTF-8", Named([0xff, 0xfe]), "not UTF-8" },
        { "a name with a NUL", Named("disk\0"u8), "NUL" },
        { "a name that forges the log", Named("x\r\nx\u2028\u202ex"u8), "'x??x??x'" },
        { "an option cut", [0, 0, 0, 3, .. Magic, 0, 0, 0, 7, 0, 0, 0, 9, 1], "ended within option Go" },
        { "an oldstyle client", [0, 0, 0, 0, .. RawClient.OptionBytes(3, [])], "did not ask for fixed" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task It_ends_with_its_reason_in_the_log_and_nobody_else_notices(
        string what, byte[] sent, string reason)
    {
        await using TestServer server = new();
        server.Exports.Add(new Export("other", 512, server.Volume, ReadOnly: false, string.Empty));
        using RawClient bystander = server.Attach();
        using RawClient client = server.Connect();
        client.Receive(18);
        client.Send(sent);
        client.Socket.Shutdown(SocketShutdown.Send);
        client.ExpectClosed();
        string told = server.Log.Expect("closed: ").Message;
        Assert.True(told.Contains(reason, StringComparison.Ordinal), $"{what}: {told}");
        Assert.Equal(0u, bystander.Ask(RawClient.Flush, 0, 0).Error);
    }

    [Fact]
    public async Task A_client_that_leaves_at_any_byte_of_a_header_is_said_to_have_left()
    {
        await using TestServer server = new();
        byte[] sent = [0, 0, 0, 3, .. RawClient.OptionBytes(RawClient.List, [])];
        for (int length = 0; length < sent.Length; length++)
        {
            using RawClient client = server.Connect();
            client.Receive(18);
            client.Send(sent[..length]);
            client.Socket.Shutdown(SocketShutdown.Send);
            client.ExpectClosed();
            server.Log.Expect("left during the handshake");
        }
    }

    [Fact]
    public async Task Info_and_go_answer_byte_for_byte_alike_and_go_never_pads()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet(flags: 1);
        client.Negotiate(RawClient.StructuredReply, []);
        byte[] wishes = RawClient.InfoData("disk", 3, 2, 1, 0, 9, 3);
        client.SendOption(RawClient.Info, wishes);
        byte[] info = [.. Answers(client).SelectMany(static answer => answer.Data)];
        client.SendOption(RawClient.Go, wishes);
        byte[] go = [.. Answers(client).SelectMany(static answer => answer.Data)];
        Assert.Equal(info, go);

        // The next bytes are a reply and not the 124 zeroes, though they were not waived.
        Assert.Equal(0u, client.Ask(RawClient.Flush, 0, 0).Error);
    }

    [Fact]
    public async Task Refused_options_leave_what_was_negotiated_as_it_was()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        client.Negotiate(RawClient.StructuredReply, []);
        client.SendOption(RawClient.SetMetaContext, RawClient.MetaData("disk", "base:allocation"));
        Answers(client);
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.StructuredReply, [1]).Type);
        Assert.Equal(RawClient.ErrUnknown, client.Negotiate(RawClient.Go, RawClient.InfoData("x")).Type);
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.Go, [1]).Type);
        Assert.Equal(RawClient.ErrUnsup, client.Negotiate(RawClient.StartTls, []).Type);
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.ListMetaContext, [1]).Type);
        client.SendOption(RawClient.ExportName, "disk"u8.ToArray());
        client.Receive(10);
        Assert.Equal((ushort)5, client.Ask(RawClient.BlockStatus, 0, 4096).Type);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_malformed_or_empty_set_drops_the_earlier_contexts(bool malformed)
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        client.Negotiate(RawClient.StructuredReply, []);
        client.SendOption(RawClient.SetMetaContext, RawClient.MetaData("disk", "base:allocation"));
        Answers(client);
        byte[] second = malformed ? [1] : RawClient.MetaData("disk");
        Assert.Equal(
            malformed ? RawClient.ErrInvalid : RawClient.Ack,
            client.Negotiate(RawClient.SetMetaContext, second).Type);
        client.SendOption(RawClient.Go, RawClient.InfoData("disk"));
        Answers(client);
        Assert.Equal(22u, client.Ask(RawClient.BlockStatus, 0, 4096).Error);
    }

    [Fact]
    public async Task A_description_that_is_empty_is_not_sent_and_the_longest_is()
    {
        await using TestServer server = new();
        string longest = new('d', Export.DescriptionMaxBytes);
        server.Exports.Add(new Export("plain", 512, server.Volume, ReadOnly: true, string.Empty));
        server.Exports.Add(new Export("told", 512, server.Volume, ReadOnly: false, longest));
        using RawClient client = server.Connect();
        client.Greet();
        client.SendOption(RawClient.Info, RawClient.InfoData("plain", 2));
        Assert.Equal(2, Answers(client).Count);
        client.SendOption(RawClient.Info, RawClient.InfoData("told", 2));
        Assert.Equal([0, 2, .. Encoding.ASCII.GetBytes(longest)], Answers(client)[1].Data);
    }

    [Fact]
    public async Task A_client_that_lists_without_end_and_never_reads_is_ended_by_the_handshakes_deadline()
    {
        await using TestServer server = new(
            new NbdServerOptions { HandshakeTimeout = TimeSpan.FromSeconds(1), OptionCountMax = 1_000_000 });
        string text = new('x', Export.DescriptionMaxBytes);
        for (int i = 0; i < 500; i++)
        {
            server.Exports.Add(new Export($"e{i}", 512, server.Volume, ReadOnly: false, text));
        }

        using RawClient client = server.Connect();
        client.Greet();
        for (int i = 0; i < 50; i++)
        {
            client.SendOption(RawClient.List, []);
        }

        server.Log.Expect("the handshake took longer than 1 s");
        Assert.True(SpinWait.SpinUntil(() => server.Server.ConnectionCount == 0, TimeSpan.FromSeconds(10)));
    }

    private static byte[] Named(ReadOnlySpan<byte> name) =>
        [0, 0, 0, 3, .. RawClient.OptionBytes(RawClient.ExportName, name.ToArray())];

    /// <summary>All replies to the last option, the ACK included.</summary>
    private static List<RawClient.OptionAnswer> Answers(RawClient client)
    {
        List<RawClient.OptionAnswer> answers = [];
        do
        {
            answers.Add(client.ReadOptionReply());
        }
        while (answers[^1].Type != RawClient.Ack);
        return answers;
    }
}
