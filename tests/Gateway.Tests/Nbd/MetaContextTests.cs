using Replication.Gateway.Exports;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>Item 3 of the list of what a server must do: metadata contexts.</summary>
public sealed class MetaContextTests
{
    private static readonly byte[] ListedContext = [0, 0, 0, 0, .. "base:allocation"u8];
    private static readonly byte[] SetContext = [0, 0, 0, 1, .. "base:allocation"u8];

    [Theory]
    [InlineData(RawClient.ListMetaContext)]
    [InlineData(RawClient.SetMetaContext)]
    public async Task Contexts_need_structured_replies_first(uint option)
    {
        await using TestServer server = new();
        using RawClient client = server.Connect();
        client.Greet();
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(option, RawClient.MetaData("disk")).Type);
    }

    [Theory]
    [InlineData(new string[0], true)]
    [InlineData(new[] { "base:" }, true)]
    [InlineData(new[] { "qemu:dirty-bitmap:x", "base:allocation" }, true)]
    [InlineData(new[] { "base:alloc" }, false)]
    [InlineData(new[] { "other:" }, false)]
    public async Task List_takes_wildcards_and_passes_over_what_it_does_not_know(
        string[] queries, bool listed)
    {
        await using TestServer server = new();
        using RawClient client = Structured(server);
        RawClient.OptionAnswer answer = client.Negotiate(
            RawClient.ListMetaContext, RawClient.MetaData("disk", queries));
        if (listed)
        {
            Assert.Equal(RawClient.MetaContextReply, answer.Type);
            Assert.Equal(ListedContext, answer.Data);
            answer = client.ReadOptionReply();
        }

        Assert.Equal(RawClient.Ack, answer.Type);
    }

    [Theory]
    [InlineData(new string[0], false)]
    [InlineData(new[] { "base:" }, false)]
    [InlineData(new[] { "qemu:dirty-bitmap:x" }, false)]
    [InlineData(new[] { "x:y", "base:allocation", "base:allocation" }, true)]
    public async Task Set_takes_exact_names_only_and_gives_each_once(string[] queries, bool set)
    {
        await using TestServer server = new();
        using RawClient client = Structured(server);
        RawClient.OptionAnswer answer = client.Negotiate(
            RawClient.SetMetaContext, RawClient.MetaData("disk", queries));
        if (set)
        {
            Assert.Equal(SetContext, answer.Data);
            answer = client.ReadOptionReply();
        }

        Assert.Equal(RawClient.Ack, answer.Type);
        Go(client, "disk");
        Assert.Equal(set ? 0u : 22u, client.Ask(RawClient.BlockStatus, 0, 4096).Error);
    }

    [Fact]
    public async Task A_failed_set_drops_the_earlier_one()
    {
        await using TestServer server = new();
        using RawClient client = Structured(server);
        client.Negotiate(RawClient.SetMetaContext, RawClient.MetaData("disk", "base:allocation"));
        client.ReadOptionReply();
        byte[] unknown = RawClient.MetaData("nope");
        Assert.Equal(RawClient.ErrUnknown, client.Negotiate(RawClient.SetMetaContext, unknown).Type);
        Go(client, "disk");
        Assert.Equal(22u, client.Ask(RawClient.BlockStatus, 0, 4096).Error);
    }

    [Fact]
    public async Task A_context_set_for_one_export_does_not_hold_for_another()
    {
        await using TestServer server = new();
        server.Exports.Add(new Export("other", 8192, server.Volume, ReadOnly: false, string.Empty));
        using RawClient client = Structured(server);
        client.Negotiate(RawClient.SetMetaContext, RawClient.MetaData("disk", "base:allocation"));
        client.ReadOptionReply();
        Go(client, "other");
        Assert.Equal(22u, client.Ask(RawClient.BlockStatus, 0, 4096).Error);
    }

    [Fact]
    public async Task Lengths_that_do_not_add_up_are_invalid()
    {
        await using TestServer server = new();
        using RawClient client = Structured(server);
        byte[] good = RawClient.MetaData("disk", "base:allocation");
        for (int length = 0; length < good.Length; length++)
        {
            Assert.Equal(
                RawClient.ErrInvalid, client.Negotiate(RawClient.SetMetaContext, good[..length]).Type);
        }

        byte[] manyQueries = [.. RawClient.Be("disk"), 0xff, 0xff, 0xff, 0xff];
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.ListMetaContext, manyQueries).Type);
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.SetMetaContext, [.. good, 9]).Type);
        byte[] tooLong = RawClient.MetaData("disk", new string('q', 4097));
        Assert.Equal(RawClient.ErrInvalid, client.Negotiate(RawClient.SetMetaContext, tooLong).Type);
    }

    private static RawClient Structured(TestServer server)
    {
        RawClient client = server.Connect();
        client.Greet();
        Assert.Equal(RawClient.Ack, client.Negotiate(RawClient.StructuredReply, []).Type);
        return client;
    }

    private static void Go(RawClient client, string name)
    {
        Assert.Equal(RawClient.InfoReply, client.Negotiate(RawClient.Go, RawClient.InfoData(name)).Type);
        Assert.Equal(RawClient.Ack, client.ReadOptionReply().Type);
    }
}
