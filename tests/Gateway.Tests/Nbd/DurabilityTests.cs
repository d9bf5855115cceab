namespace Replication.Gateway.Tests.Nbd;

/// <summary>
/// Item 6 of the list of what a server must do: FLUSH and FUA, on one connection and across.
/// </summary>
public sealed class DurabilityTests
{
    [Fact]
    public async Task A_flush_on_one_connection_covers_what_was_answered_on_others()
    {
        await using TestServer server = new();
        using RawClient writer = server.Attach();
        using RawClient zeroer = server.Attach(structured: false);
        using RawClient flusher = server.Attach();
        Array.Fill(server.Volume.Data, (byte)7);
        Array.Fill(server.Volume.Durable, (byte)7);
        Assert.Equal(0u, writer.Ask(RawClient.Write, 5, 3, 0, [1, 2, 3]).Error);
        Assert.Equal(0u, zeroer.Ask(RawClient.WriteZeroes, 8, 2).Error);
        Assert.Equal([7, 7, 7, 7, 7], server.Volume.Durable[5..10]);
        Assert.Equal(0u, flusher.Ask(RawClient.Flush, 0, 0).Error);
        Assert.Equal([1, 2, 3, 0, 0], server.Volume.Durable[5..10]);
    }

    [Theory]
    [InlineData(RawClient.Write)]
    [InlineData(RawClient.WriteZeroes)]
    [InlineData(RawClient.Trim)]
    public async Task What_has_fua_is_durable_when_it_is_answered(ushort command)
    {
        await using TestServer server = new();
        Array.Fill(server.Volume.Durable, (byte)7);
        using RawClient client = server.Attach();
        byte[]? payload = command == RawClient.Write ? new byte[4096] : null;
        Assert.Equal(0u, client.Ask(command, 0, 4096, RawClient.Fua, payload).Error);
        Assert.True(server.Volume.Durable.AsSpan(0, 4096).IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(7, server.Volume.Durable[4096]);
    }

    [Fact]
    public async Task A_flush_is_not_answered_before_the_volume_has()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach(structured: false);
        server.Volume.Hold();
        client.SendRequest(RawClient.Flush, 1, 0, 0);
        client.SendRequest(RawClient.Write, 2, 0, 1, RawClient.Fua, [1]);
        Assert.True(SpinWait.SpinUntil(() => server.Volume.HeldCount == 2, TimeSpan.FromSeconds(10)));

        // A refused request overtakes both: were they answered, their answers would come first.
        Assert.Equal(22u, client.Ask(4711, 0, 0).Error);
        server.Volume.LetGo();
        Assert.Equal((1ul, 2ul), (client.ReadReply().Cookie, client.ReadReply().Cookie));
    }

    [Fact]
    public async Task A_failed_flush_is_told_and_the_reserved_fields_of_one_do_not_matter()
    {
        await using TestServer server = new();
        using RawClient client = server.Attach();
        server.Volume.FailNext(28);
        Assert.Equal(28u, client.Ask(RawClient.Flush, 0, 0).Error);
        Assert.Equal(0u, client.Ask(RawClient.Flush, ulong.MaxValue, uint.MaxValue).Error);
    }
}
