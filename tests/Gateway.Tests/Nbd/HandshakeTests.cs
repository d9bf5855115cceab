using System.Buffers.Binary;
using System.Text;
using Replication.Gateway.Exports;
using Replication.Gateway.Nbd;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>Items 1, 2 and 5 of the list of what a server must do, from a raw socket.</summary>
public sealed class HandshakeTests
{
    // From the top: fast zero, cache, multi-conn, write zeroes, trim, FUA, flush, "has flags".
    private const ushort WritableFlags = 0b1101_0110_1101;

    [Fact]
    public async Task An_unknown_client_flag_closes_the_connection()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet(flags: 7);
        client.ExpectClosed();
        server.Log.Expect("flags 7");
    }

    [Fact]
    public async Task An_unknown_option_is_unsupported_and_the_next_is_parsed()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        Assert.Equal(RawClient.ErrUnsup, client.Negotiate(4711, new byte[100]).Type);
        Assert.Equal(RawClient.ErrUnsup, client.Negotiate(RawClient.StartTls, []).Type);
        Assert.Equal(RawClient.ErrUnsup, client.Negotiate(4711, new byte[100_000]).Type);
        Assert.Equal(RawClient.Ack, client.Negotiate(RawClient.StructuredReply, []).Type);
    }

    [Fact]
    public async Task Abort_is_acknowledged_and_ends_the_connection()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        Assert.Equal(RawClient.Ack, client.Negotiate(RawClient.Abort, []).Type);
        client.ExpectClosed();
    }

    [Theory]
    [InlineData(1u, 134)]
    [InlineData(3u, 10)]
    public async Task Export_name_pads_with_124_zeroes_unless_they_were_waived(uint flags, int answerBytes)
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet(flags);
        client.SendOption(RawClient.ExportName, "disk"u8.ToArray());
        byte[] answer = client.Receive(answerBytes);
        Assert.Equal((ulong)TestServer.SizeBytes, BinaryPrimitives.ReadUInt64BigEndian(answer));
        Assert.Equal(WritableFlags, BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(8)));
        Assert.True(answer.AsSpan(10).IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(0u, client.Ask(RawClient.Read, 0, 512, dataBytes: 512).Error);
    }

    [Fact]
    public async Task Export_name_of_an_unknown_export_closes_the_connection()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        client.SendOption(RawClient.ExportName, "di\nsk"u8.ToArray());
        client.ExpectClosed();
        server.Log.Expect("there is no export 'di?sk'");
    }

    [Fact]
    public async Task A_client_without_fixed_newstyle_can_only_name_an_export()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet(flags: 0);
        client.SendOption(RawClient.List, []);
        client.ExpectClosed();
    }

    [Fact]
    public async Task List_shows_names_and_descriptions_oldest_first()
    {
        await using TestServer server = new();
        server.Exports.Add(new Export("another", 5, server.Volume, ReadOnly: true, string.Empty));
        using RawClient client = server.Connect();
        client.Greet();
        client.SendOption(RawClient.List, []);
        RawClient.OptionAnswer first = client.ReadOptionReply();
        Assert.Equal(RawClient.ServerReply, first.Type);
        Assert.Equal([0, 0, 0, 4, .. "diska test's disk"u8], first.Data);
        Assert.Equal([0, 0, 0, 7, .. "another"u8], client.ReadOptionReply().Data);
        Assert.Equal(RawClient.Ack, client.ReadOptionReply().Type);
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.List, [1]).Type);
    }

    [Fact]
    public async Task A_list_of_hundreds_of_exports_with_long_descriptions_arrives_whole()
    {
        await using TestServer server = new();
        string text = new('x', Export.DescriptionMaxBytes);
        for (int i = 0; i < 300; i++)
        {
            Assert.True(server.Exports.Add(new Export($"e{i}", 512, server.Volume, ReadOnly: false, text)));
        }

        using RawClient client = server.Connect();
        client.Greet();
        client.SendOption(RawClient.List, []);
        int count = 0;
        while (client.ReadOptionReply().Type == RawClient.ServerReply)
        {
            count++;
        }

        Assert.Equal(301, count);
    }

    [Theory]
    [InlineData(RawClient.Info)]
    [InlineData(RawClient.Go)]
    public async Task Info_and_go_answer_alike_and_only_what_is_wanted_and_known(uint option)
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        client.SendOption(option, RawClient.InfoData("disk", 1, 2, 3, 4711));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0x0d, 0x6d], client.ReadOptionReply().Data);
        Assert.Equal([0, 1, .. "disk"u8], client.ReadOptionReply().Data);
        Assert.Equal([0, 2, .. "a test's disk"u8], client.ReadOptionReply().Data);
        Assert.Equal([0, 3, 0, 0, 0, 1, 0, 0, 16, 0, 2, 0, 0, 0], client.ReadOptionReply().Data);
        Assert.Equal(RawClient.Ack, client.ReadOptionReply().Type);
    }

    [Fact]
    public async Task Info_without_wishes_brings_the_export_fact_alone()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        Assert.Equal(RawClient.InfoReply, client.Negotiate(RawClient.Info, RawClient.InfoData("disk")).Type);
        Assert.Equal(RawClient.Ack, client.ReadOptionReply().Type);
        Assert.Equal(RawClient.InfoReply, client.Negotiate(RawClient.Go, RawClient.InfoData("disk")).Type);
        Assert.Equal(RawClient.Ack, client.ReadOptionReply().Type);
        Assert.Equal(0u, client.Ask(RawClient.Read, 0, 512, dataBytes: 512).Error);
    }

    [Fact]
    public async Task Df_is_offered_with_structured_replies_only_and_read_only_offers_no_writes()
    {
        await using TestServer server = new(readOnly: true);
        using RawClient client = server.Connect();
        client.Greet();
        Assert.Equal(0b0101_0000_1111, FlagsOf(client));
        client.Negotiate(RawClient.StructuredReply, []);
        Assert.Equal(0b0101_1000_1111, FlagsOf(client));
    }

    [Fact]
    public async Task The_empty_name_is_the_only_export_and_nothing_when_there_are_two()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        client.SendOption(RawClient.Info, RawClient.InfoData(string.Empty, 1));
        client.ReadOptionReply();
        Assert.Equal([0, 1, .. "disk"u8], client.ReadOptionReply().Data);
        client.ReadOptionReply();
        server.Exports.Add(new Export("second", 5, server.Volume, ReadOnly: false, string.Empty));
        Assert.Equal(
            RawClient.ErrUnknown, client.Negotiate(RawClient.Go, RawClient.InfoData(string.Empty)).Type);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whatever_is_offered_is_served(bool structured)
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        if (structured)
        {
            client.Negotiate(RawClient.StructuredReply, []);
        }

        int offered = FlagsOf(client);
        client.SendOption(RawClient.ExportName, "disk"u8.ToArray());
        Assert.Equal(offered, BinaryPrimitives.ReadUInt16BigEndian(client.Receive(10).AsSpan(8)));
        (int Bit, ushort Command, ushort Flags)[] meanings =
        [
            (2, RawClient.Flush, 0), (3, RawClient.WriteZeroes, RawClient.Fua), (5, RawClient.Trim, 0),
            (6, RawClient.WriteZeroes, RawClient.NoHole), (7, RawClient.Read, RawClient.Df),
            (10, RawClient.Cache, 0), (11, RawClient.WriteZeroes, RawClient.FastZero),
        ];

        // Besides these: that there are flags, and that other connections see what was flushed.
        int named = (1 << 0) | (1 << 8);
        foreach ((int bit, ushort command, ushort flags) in meanings)
        {
            bool isOffered = (offered & (1 << bit)) != 0;
            Assert.Equal(isOffered ? 0u : 22u, client.Ask(command, 0, 512, flags).Error);
            named |= isOffered ? 1 << bit : 0;
        }

        Assert.Equal(named, offered);
    }

    [Fact]
    public async Task Malformed_info_is_invalid_and_the_connection_goes_on()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        byte[] good = RawClient.InfoData("disk", 3);
        for (int length = 0; length < good.Length; length++)
        {
            Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.Go, good[..length]).Type);
        }

        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.Go, [.. good, 0]).Type);
        Assert.Equal(
            RawClient.ErrInvalid, client.Negotiate(RawClient.Go, [0xff, 0xff, 0xff, 0xff, 0, 0]).Type);
        byte[] notText = [0, 0, 0, 1, 0xc3, 0, 0];
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.Go, notText).Type);
        byte[] withNul = RawClient.InfoData("disk\0");
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.Go, withNul).Type);
        byte[] tooLong = RawClient.InfoData(new string('n', 4097));
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.Go, tooLong).Type);
        byte[] longest = RawClient.InfoData(new string('n', 4096));
        Assert.Equal(RawClient.ErrUnknown, client.Negotiate(RawClient.Go, longest).Type);
        Assert.Equal(RawClient.ErrUnknown, client.Negotiate(RawClient.Info, RawClient.InfoData("nope")).Type);
    }

    [Fact]
    public async Task Structured_replies_are_negotiated_once()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.StructuredReply, [1]).Type);
        Assert.Equal(RawClient.Ack, client.Negotiate(RawClient.StructuredReply, []).Type);
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.StructuredReply, []).Type);
    }

    [Fact]
    public async Task Data_too_long_for_an_option_is_passed_over_and_absurd_lengths_close()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        Assert.Equal(RawClient.ErrTooBig, client.Negotiate(RawClient.Go, new byte[65537]).Type);
        Assert.Equal(RawClient.Ack, client.Negotiate(RawClient.StructuredReply, []).Type);
        client.Send([.. "IHAVEOPT"u8, .. RawClient.Be(RawClient.Info), 0xff, 0xff, 0xff, 0xff]);
        client.ExpectClosed();
        server.Log.Expect("announces 4294967295 bytes");
        using RawClient named = server.Connect();
        named.Greet();
        named.Send([.. "IHAVEOPT"u8, .. RawClient.Be(RawClient.ExportName), 0, 0, 0x10, 1]);
        named.ExpectClosed();
    }

    [Fact]
    public async Task A_wrong_option_magic_closes_the_connection()
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        client.Send(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"));
        client.ExpectClosed();
        server.Log.Expect("magic");
    }

    [Fact]
    public async Task A_flood_of_options_ends_at_the_limit()
    {
        await using TestServer server = new(new NbdServerOptions { OptionCountMax = 20 });
        using RawClient client = server.Connect();
        client.Greet();
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(RawClient.ErrUnsup, client.Negotiate(99, []).Type);
        }

        client.ExpectClosed();
        server.Log.Expect("more than 20 options");
    }

    [Fact]
    public async Task A_handshake_that_takes_too_long_is_ended()
    {
        await using TestServer server = new(
            new NbdServerOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(50) });
        using RawClient client = server.Connect();
        client.Receive(18);
        client.ExpectClosed();
        server.Log.Expect("the handshake took longer");
    }

    [Fact]
    public async Task The_handshake_deadline_does_not_bound_the_transmission()
    {
        await using TestServer server = new(
            new NbdServerOptions { HandshakeTimeout = TimeSpan.FromSeconds(1) });
        using RawClient client = server.Attach();
        using RawClient late = server.Connect();
        late.Greet();
        late.ExpectClosed();
        Assert.Equal(0u, client.Ask(RawClient.Flush, 0, 0).Error);
    }

    private static int FlagsOf(RawClient client)
    {
        byte[] info = client.Negotiate(RawClient.Info, RawClient.InfoData("disk")).Data;
        client.ReadOptionReply();
        return BinaryPrimitives.ReadUInt16BigEndian(info.AsSpan(10));
    }
}
