using Replication.Gateway.Exports;
using Replication.Messages;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>Items 5, 6, 9 and 10 of the list of what a server must do: commands, flags and errors.</summary>
public sealed class TransmissionTests
{
    private const uint PayloadMax = 32 << 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_written_is_read_back_at_any_offset_and_length(bool structured)
    {
        await using TestServer server = new();
        using RawClient client = server.Attach(structured);
        (int, int)[] ranges = [(0, 1), (1, 4095), (4095, 2), (511, 70_000), (1 << 20, 1 << 20)];
        foreach ((int offset, int length) in ranges)
        {
            byte[] written = new byte[length];
            Random.Shared.NextBytes(written);
            written.AsSpan().Replace((byte)0, (byte)1);
            RawClient.Reply done = client.Ask(RawClient.Write, (ulong)offset, (uint)length, payload: written);
            Assert.Equal(0u, done.Error);
            Assert.Null(done.Type);
            RawClient.Reply read = client.Ask(RawClient.Read, (ulong)offset, (uint)length, dataBytes: length);
            Assert.Equal(written, structured ? read.Data[8..] : read.Data);
            Assert.Equal(structured ? (ushort)1 : null, read.Type);
        }
    }

    [Fact]
    public async Task Each_command_asks_the_volume_for_what_it_means()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        client.Ask(RawClient.Write, 8, 2, RawClient.Fua, [1, 2]);
        client.Ask(RawClient.Write, 8, 2, 0, [1, 2]);
        client.Ask(RawClient.Flush, 0, 0);
        client.Ask(RawClient.Trim, 4096, 8192, RawClient.Fua);
        client.Ask(RawClient.WriteZeroes, 1, 3);
        client.Ask(RawClient.WriteZeroes, 1, 3, RawClient.NoHole);
        client.Ask(RawClient.WriteZeroes, 1, 3, RawClient.FastZero | RawClient.Fua);
        client.Ask(RawClient.Cache, 5, 6);
        RangeRequest[] asked = [.. server.Volume.Asked];
        Assert.True(Assert.IsType<WriteRange>(asked[0]).Fua);
        Assert.False(Assert.IsType<WriteRange>(asked[1]).Fua);
        Assert.IsType<FlushVolume>(asked[2]);
        Assert.Equal(
            new ZeroRange(4096, 8192, ZeroMode.MayPunch, Fua: true) { IsTrim = true }, asked[3]);
        Assert.Equal(new ZeroRange(1, 3, ZeroMode.MayPunch, Fua: false), asked[4]);
        Assert.Equal(new ZeroRange(1, 3, ZeroMode.KeepAllocated, Fua: false), asked[5]);
        Assert.Equal(new ZeroRange(1, 3, ZeroMode.MayPunch, Fua: true), asked[6]);
        Assert.Equal(new ReadRange(5, 6), asked[7]);
    }

    [Theory]
    [InlineData(RawClient.Trim)]
    [InlineData(RawClient.WriteZeroes)]
    public async Task Trimmed_and_zeroed_ranges_read_back_zero(ushort command)
    {
        await using TestServer server = new();
        Array.Fill(server.Volume.Data, (byte)7);
        using RawClient client = server.Attach(structured: false);
        Assert.Equal(0u, client.Ask(command, 4096, 4096).Error);
        byte[] read = client.Ask(RawClient.Read, 4095, 4098, dataBytes: 4098).Data;
        Assert.Equal([7, .. new byte[4096], 7], read);
    }

    [Fact]
    public async Task Zeroes_that_must_be_allocated_are_not_fast()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach(structured: false);
        Assert.Equal(
            95u, client.Ask(RawClient.WriteZeroes, 0, 4096, RawClient.FastZero | RawClient.NoHole).Error);
        Assert.Empty(server.Volume.Asked);
    }

    [Theory]
    [InlineData(RawClient.Read)]
    [InlineData(RawClient.Write)]
    [InlineData(RawClient.Flush)]
    [InlineData(RawClient.Trim)]
    [InlineData(RawClient.Cache)]
    [InlineData(RawClient.WriteZeroes)]
    [InlineData(RawClient.BlockStatus)]
    public async Task Fua_is_accepted_on_every_command(ushort command)
    {
        await using TestServer server = new();
        using RawClient client = server.Attach(allocation: true);
        byte[]? payload = command == RawClient.Write ? new byte[512] : null;
        Assert.Equal(
            0u, client.Ask(command, 0, command == RawClient.Flush ? 0u : 512u, RawClient.Fua, payload).Error);
    }

    [Theory]
    [InlineData(RawClient.Read, RawClient.NoHole)]
    [InlineData(RawClient.Read, RawClient.ReqOne)]
    [InlineData(RawClient.Write, RawClient.Df)]
    [InlineData(RawClient.Flush, RawClient.FastZero)]
    [InlineData(RawClient.Trim, RawClient.NoHole)]
    [InlineData(RawClient.BlockStatus, RawClient.Df)]
    [InlineData(RawClient.WriteZeroes, (ushort)32)]
    [InlineData((ushort)8, (ushort)0)]
    [InlineData((ushort)4711, (ushort)0)]
    public async Task Unknown_commands_and_flags_are_invalid_and_the_connection_goes_on(
        ushort command, ushort flags)
    {
        await using TestServer server = new();
        using RawClient client = server.Attach(allocation: true);
        byte[]? payload = command == RawClient.Write ? new byte[512] : null;
        Assert.Equal(22u, client.Ask(command, 0, 512, flags, payload).Error);
        Assert.Equal(0u, client.Ask(RawClient.Read, 0, 512).Error);
        Assert.Single(server.Volume.Asked);
    }

    [Fact]
    public async Task Df_needs_structured_replies()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach(structured: false);
        Assert.Equal(22u, client.Ask(RawClient.Read, 0, 512, RawClient.Df).Error);
    }

    [Theory]
    [InlineData(RawClient.Read, 22u)]
    [InlineData(RawClient.Trim, 22u)]
    [InlineData(RawClient.Cache, 22u)]
    [InlineData(RawClient.BlockStatus, 22u)]
    [InlineData(RawClient.Write, 28u)]
    [InlineData(RawClient.WriteZeroes, 28u)]
    public async Task Ranges_past_the_end_are_refused_before_the_volume_is_asked(ushort command, uint error)
    {
        await using TestServer server = new();
        using RawClient client = server.Attach(allocation: true);
        byte[]? payload = command == RawClient.Write ? new byte[512] : null;
        ulong[] offsets = [TestServer.SizeBytes - 511, TestServer.SizeBytes, 1ul << 63, ulong.MaxValue];
        foreach (ulong offset in offsets)
        {
            Assert.Equal(error, client.Ask(command, offset, 512, 0, payload).Error);
        }

        Assert.Empty(server.Volume.Asked);
        Assert.Equal(0u, client.Ask(command, TestServer.SizeBytes - 512, 512, 0, payload).Error);
    }

    [Theory]
    [InlineData(RawClient.Write)]
    [InlineData(RawClient.Trim)]
    [InlineData(RawClient.WriteZeroes)]
    public async Task A_read_only_export_permits_no_change(ushort command)
    {
        await using TestServer server = new(readOnly: true);
        using RawClient client = server.Attach();
        byte[]? payload = command == RawClient.Write ? new byte[100_000] : null;
        Assert.Equal(1u, client.Ask(command, 0, 100_000, 0, payload).Error);
        Assert.Equal(0u, client.Ask(RawClient.Read, 0, 512).Error);
        Assert.Equal(0u, client.Ask(RawClient.Flush, 0, 0).Error);
        Assert.Equal(2, server.Volume.Asked.Count);
    }

    [Fact]
    public async Task Reads_and_writes_longer_than_the_largest_block_are_invalid()
    {
        await using TestServer server = new(sizeBytes: (int)PayloadMax + 4096);
        using RawClient client = server.Attach(structured: false);
        Assert.Equal(22u, client.Ask(RawClient.Read, 0, PayloadMax + 1).Error);
        Assert.Equal(22u, client.Ask(RawClient.Read, 0, uint.MaxValue).Error);
        Assert.Equal(22u, client.Ask(RawClient.Write, 0, PayloadMax + 1, 0, new byte[PayloadMax + 1]).Error);
        Assert.Empty(server.Volume.Asked);
        Assert.Equal(0u, client.Ask(RawClient.Write, 0, PayloadMax, 0, new byte[PayloadMax]).Error);
        Assert.Equal(0u, client.Ask(RawClient.Read, 0, PayloadMax, dataBytes: (int)PayloadMax).Error);
    }

    [Fact]
    public async Task Requests_of_no_bytes_succeed_without_the_volume()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach(allocation: true);
        Assert.Equal((ushort)0, client.Ask(RawClient.Read, 0, 0).Type);
        Assert.Equal(0u, client.Ask(RawClient.Write, TestServer.SizeBytes, 0).Error);
        Assert.Equal(0u, client.Ask(RawClient.Trim, 0, 0).Error);
        Assert.Equal(22u, client.Ask(RawClient.BlockStatus, 0, 0).Error);
        Assert.Empty(server.Volume.Asked);
    }

    [Theory]
    [InlineData(5, 5u)]
    [InlineData(28, 28u)]
    [InlineData(30, 1u)]
    [InlineData(110, 5u)]
    [InlineData(75, 5u)]
    [InlineData(108, 108u)]
    public async Task An_error_of_the_volume_reaches_the_client_in_the_protocols_words(int errno, uint error)
    {
        await using TestServer server = new();
        using RawClient client = server.Attach(structured: false);
        server.Volume.FailNext(errno);
        Assert.Equal(error, client.Ask(RawClient.Write, 0, 512, 0, new byte[512]).Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failed_read_does_not_end_the_connection(bool structured)
    {
        await using TestServer server = new();
        using RawClient client = server.Attach(structured);
        for (int i = 0; i < 3; i++)
        {
            server.Volume.FailNext(5);
            RawClient.Reply failed = client.Ask(RawClient.Read, 0, 4096);
            Assert.Equal(5u, failed.Error);
            Assert.Equal(structured ? (ushort)0x8001 : null, failed.Type);
            Assert.Equal(0u, client.Ask(RawClient.Read, 0, 4096, dataBytes: 4096).Error);
        }
    }

    [Fact]
    public async Task An_error_chunk_carries_the_reason()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        server.Volume.FailNext(5);
        Assert.Equal(
            [0, 0, 0, 5, 0, 24, .. "made to fail by the test"u8], client.Ask(RawClient.Flush, 0, 0).Data);

    }

    [Fact]
    public async Task Answers_leave_as_requests_finish_each_under_its_cookie()
    {
        await using TestServer server = new();
        for (int i = 0; i < 16; i++)
        {
            server.Volume.Data[i * 4096] = (byte)(i + 1);
        }

        using RawClient client = server.Attach(structured: false);
        server.Volume.Hold();
        for (uint i = 0; i < 16; i++)
        {
            client.SendRequest(RawClient.Read, 1000 + i, i * 4096, 1);
        }

        // A refused request overtakes those that wait.
        Assert.Equal(22u, client.Ask(4711, 0, 0).Error);
        server.Volume.LetGo(lastFirst: true);
        for (int i = 15; i >= 0; i--)
        {
            RawClient.Reply reply = client.ReadReply(1);
            Assert.Equal((ulong)(1000 + i), reply.Cookie);
            Assert.Equal([(byte)(i + 1)], reply.Data);
        }
    }

    [Fact]
    public async Task Disconnect_finishes_what_is_under_way_and_then_closes()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        server.Volume.Hold();
        client.SendRequest(RawClient.Write, 1, 0, 4, 0, [1, 2, 3, 4]);
        client.SendRequest(RawClient.Disc, 2, 0, 0);
        Assert.True(SpinWait.SpinUntil(() => server.Volume.HeldCount == 1, TimeSpan.FromSeconds(10)));
        server.Volume.LetGo();
        Assert.Equal(1ul, client.ReadReply().Cookie);
        client.ExpectClosed();
        Assert.Equal([1, 2, 3, 4], server.Volume.Data[..4]);
        server.Log.Expect("the client disconnected");
    }

    [Fact]
    public async Task Two_exports_are_served_side_by_side()
    {
        await using TestServer server = new();
        MemoryVolume second = new(8192);
        second.Data[0] = 77;
        server.Exports.Add(new Export("second", 8192, second, ReadOnly: false, string.Empty));
        using RawClient first = server.Attach(structured: false);
        using RawClient other = server.Connect();
        other.Greet();
        other.SendOption(RawClient.ExportName, "second"u8.ToArray());
        other.Receive(10);
        Assert.Equal([77], other.Ask(RawClient.Read, 0, 1, dataBytes: 1).Data);
        Assert.Equal([0], first.Ask(RawClient.Read, 0, 1, dataBytes: 1).Data);
    }
}
