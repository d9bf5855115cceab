using System.Text.Json;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Events;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Qmp.Client;
using Replication.Messages.Digests;

namespace Replication.Gateway.Tests.Qmp;

public sealed class QmpCommandTests : IAsyncLifetime
{
    private static readonly VolumeStatus Volume = new(
        "demo",
        new Guid("00000000-0000-0000-0000-000000000007"),
        SizeBytes: 1L << 30,
        new VolumeOptions { Threshold = 2, RewriteCorrupted = true },
        Epoch: 3,
        VolumeCondition.Degraded,
        "node2 is stale",
        UnreconciledBytes: 4096,
        [
            new ChildStatus(
                "children.0", "node1", "demo-node1", ChildState.Synced, ChildLink.Open, Since: null,
                Reason: null, LastLostVote: null, new ChildCounters(0, 0, 0, 0, 0)),
            new ChildStatus(
                "children.1", "node2", "demo-node2", ChildState.Stale, ChildLink.Out,
                DateTimeOffset.UnixEpoch, "it timed out",
                DateTimeOffset.UnixEpoch.AddSeconds(1), new ChildCounters(1, 2, 3, 4, 5)),
        ])
    {
        Since = DateTimeOffset.UnixEpoch.AddSeconds(2),
        BadBytes = 8192,
    };

    private readonly QmpFixture _qmp = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _qmp.DisposeAsync().AsTask();

    [Fact]
    public void Query_commands_lists_every_command_by_name()
    {
        using RawQmpClient client = _qmp.Negotiated();

        using JsonDocument answer = JsonDocument.Parse(client.Ask("{\"execute\":\"query-commands\"}"));

        JsonElement[] commands = [.. answer.RootElement.GetProperty("return").EnumerateArray()];
        Assert.Equal(
            [
                "block-export-add", "block-export-del", "blockdev-add", "blockdev-del", "child-add",
                "child-remove", "nbd-server-start", "nbd-server-stop", "qmp_capabilities",
                "query-block-exports", "query-cluster", "query-commands", "query-events",
                "query-events-since", "query-named-block-nodes", "query-version", "query-volumes", "quit",
                "volume-create", "volume-delete", "volume-reopen", "x-blockdev-change",
            ],
            commands.Select(static command => command.GetProperty("name").GetString()));
        Assert.Equal(
            ["""{"name":"x-blockdev-change","features":["unstable"]}"""],
            commands.Select(static command => command.GetRawText())
                .Where(static command => command.Contains("features", StringComparison.Ordinal)));
    }

    [Fact]
    public void Query_volumes_shows_what_there_is_to_know_of_each_child()
    {
        _qmp.Answer = static _ => new VolumeList([Volume]);
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Equal(
            "{\"return\":[{\"name\":\"demo\",\"id\":\"00000000-0000-0000-0000-000000000007\","
                + "\"size\":1073741824,"
                + "\"vote-threshold\":2,\"read-pattern\":\"quorum\",\"rewrite-corrupted\":true,"
                + "\"blkverify\":false,"
                + "\"digest\":\"xxh128\",\"durability\":\"flush\",\"on-cache-loss\":\"continue\",\"epoch\":3,"
                + "\"condition\":\"degraded\",\"since\":\"1970-01-01T00:00:02.000000Z\","
                + "\"reason\":\"node2 is stale\","
                + "\"unreconciled-bytes\":4096,\"bad-bytes\":8192,\"reads-without-winner\":0,"
                + "\"exports\":[{\"id\":\"demo\",\"name\":\"demo\",\"writable\":true,"
                + "\"description\":\"\"}],\"children\":["
                + "{\"name\":\"children.0\",\"node\":\"node1\",\"node-name\":\"demo-node1\","
                + "\"state\":\"synced\","
                + "\"link\":\"open\",\"votes-lost\":0,\"repairs\":0,\"read-errors\":0,\"write-errors\":0,"
                + "\"flush-errors\":0},"
                + "{\"name\":\"children.1\",\"node\":\"node2\",\"node-name\":\"demo-node2\","
                + "\"state\":\"stale\","
                + "\"link\":\"out\",\"since\":\"1970-01-01T00:00:00.000000Z\",\"reason\":\"it timed out\","
                + "\"last-lost-vote\":\"1970-01-01T00:00:01.000000Z\",\"votes-lost\":1,\"repairs\":2,"
                + "\"read-errors\":3,\"write-errors\":4,\"flush-errors\":5}]}]}",
            client.Ask("{\"execute\":\"query-volumes\"}"));
    }

    [Fact]
    public void Query_volumes_shows_the_last_read_that_found_no_winner()
    {
        ReadsWithoutWinner reads = new(2, DateTimeOffset.UnixEpoch.AddSeconds(3), 4096, 8192);
        _qmp.Answer = _ => new VolumeList([Volume with { ReadsWithoutWinner = reads }]);
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Contains(
            "\"bad-bytes\":8192,\"reads-without-winner\":2,\"last-read-without-winner\":{"
                + "\"at\":\"1970-01-01T00:00:03.000000Z\",\"offset\":4096,\"length\":8192},\"exports\"",
            client.Ask("{\"execute\":\"query-volumes\"}"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Query_volumes_shows_how_far_a_resync_is_while_one_runs()
    {
        ChildStatus resyncing = Volume.Children[1] with { Resync = new ResyncProgress(1, 2, 3, 4, 5) };
        _qmp.Answer = _ => new VolumeList([Volume with { Children = [resyncing] }]);
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Contains(
            "\"resync\":{\"done-bytes\":1,\"to-do-bytes\":2,\"copied-bytes\":3,\"bytes-per-second\":4,"
                + "\"seconds-left\":5},\"votes-lost\":1",
            client.Ask("{\"execute\":\"query-volumes\"}"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_events_gives_the_last_ones_oldest_first()
    {
        using RawQmpClient client = _qmp.Negotiated();
        for (int sector = 1; sector <= 3; sector++)
        {
            _qmp.Events.Append(new RangeRepaired(DateTimeOffset.UnixEpoch, "demo-node1", sector, 1));
            client.ReadLine();
        }

        using QmpClient second = await QmpClient.ConnectAsync(_qmp.Server.Address, CancellationToken.None);
        JsonElement two = await second.ExecuteAsync(
            "query-events", new() { ["limit"] = 2 }, CancellationToken.None);
        JsonElement all = await second.ExecuteAsync("query-events", arguments: null, CancellationToken.None);

        Assert.Equal([2, 3], Sectors(two));
        Assert.Equal([1, 2, 3], Sectors(all));
    }

    [Theory]
    [InlineData("\"x\"", "Invalid parameter type for 'limit', expected: integer")]
    [InlineData("1.5", "Invalid parameter type for 'limit', expected: integer")]
    [InlineData("-1", "Parameter 'limit' expects a value >= 0")]
    public void Query_events_says_what_is_wrong_with_a_limit(string limit, string desc)
    {
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Contains(desc, client.Ask(
            $"{{\"execute\":\"query-events\","
                + $"\"arguments\":{{\"limit\":{limit}}}}}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("query-version")]
    [InlineData("query-commands")]
    [InlineData("query-volumes")]
    [InlineData("query-events")]
    [InlineData("query-events-since")]
    [InlineData("query-cluster")]
    [InlineData("volume-create")]
    [InlineData("volume-delete")]
    [InlineData("volume-reopen")]
    [InlineData("child-add")]
    [InlineData("child-remove")]
    [InlineData("quit")]
    public void An_argument_that_a_command_does_not_know_is_unexpected(string command)
    {
        using RawQmpClient client = _qmp.Negotiated();

        string answer = client.Ask(
            $"{{\"execute\":\"{command}\",\"arguments\":{{\"name\":\"v\",\"size\":512,\"bogus\":1,"
                + "\"volume\":\"v\",\"node\":\"n\",\"child\":\"c\"}}");

        Assert.Matches("Parameter '(name|size|volume|bogus)' is unexpected", answer);
        Assert.Equal(0, _qmp.Quits);
        Assert.Empty(_qmp.Asked);
    }

    [Fact]
    public void Quit_is_answered_and_then_asks_the_process_to_stop()
    {
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Equal("{\"return\":{}}", client.Ask("{\"execute\":\"quit\"}"));
        client.Ask("{\"execute\":\"query-version\"}");

        Assert.Equal(1, _qmp.Quits);
    }

    [Fact]
    public void Volume_create_takes_all_nodes_and_a_majority_when_nothing_else_is_said()
    {
        _qmp.Answer = static asked => asked is QueryVolumes ? new VolumeList([]) : new VolumeReady(Volume);
        using RawQmpClient client = _qmp.Negotiated();

        string answer = client.Ask(
            "{\"execute\":\"volume-create\",\"arguments\":{\"name\":\"v\",\"size\":1048576}}");

        Assert.StartsWith("{\"return\":{\"name\":\"demo\"", answer, StringComparison.Ordinal);
        CreateVolume asked = Assert.Single(_qmp.Asked.OfType<CreateVolume>());
        Assert.Equal(("v", 1048576L), (asked.Name, asked.SizeBytes));
        Assert.Null(asked.Nodes);
        Assert.Equal(new VolumeOptions { Threshold = 2 }, asked.Options);
    }

    [Fact]
    public void Volume_create_passes_on_what_was_chosen()
    {
        _qmp.Answer = static asked => asked is QueryVolumes
            ? new VolumeList([])
            : new AdminRefused("no such node: 'node9'");
        using RawQmpClient client = _qmp.Negotiated();

        string answer = client.Ask(
            "{\"execute\":\"volume-create\",\"arguments\":{\"name\":\"v\",\"size\":512,"
                + "\"children\":[\"node1\",\"node9\"],"
                + "\"vote-threshold\":1,\"rewrite-corrupted\":true,\"digest\":\"sha256\","
                + "\"durability\":\"write\",\"on-cache-loss\":\"refuse\"}}");

        Assert.Equal("{\"error\":{\"class\":\"GenericError\",\"desc\":\"no such node: 'node9'\"}}", answer);
        CreateVolume asked = Assert.Single(_qmp.Asked.OfType<CreateVolume>());
        Assert.Equal(["node1", "node9"], asked.Nodes);
        Assert.Equal(
            new VolumeOptions
            {
                Threshold = 1,
                RewriteCorrupted = true,
                Digest = DigestKind.Sha256,
                Durability = Durability.Write,
                OnCacheLoss = CacheLossPolicy.Refuse,
            },
            asked.Options);
    }

    [Theory]
    [InlineData("{}", "Parameter 'name' is missing")]
    [InlineData("{\"name\":\"v\"}", "Parameter 'size' is missing")]
    [InlineData("{\"name\":1,\"size\":512}", "Invalid parameter type for 'name', expected: string")]
    [InlineData("{\"name\":\"v\",\"size\":1000}", "Parameter 'size' expects a multiple of 512")]
    [InlineData(
        "{\"name\":\"v\",\"size\":70368744178176}", "Parameter 'size' expects a value <= 70368744177664")]
    [InlineData("{\"name\":\"v\",\"size\":\"1G\"}", "Invalid parameter type for 'size', expected: integer")]
    [InlineData(
        "{\"name\":\"v\",\"size\":512,\"vote-threshold\":0}",
        "Parameter 'vote-threshold' expects a value >= 1")]
    [InlineData(
        "{\"name\":\"v\",\"size\":512,\"vote-threshold\":4}", "threshold may not exceed children count")]
    [InlineData(
        "{\"name\":\"v\",\"size\":512,\"children\":1}",
        "Invalid parameter type for 'children', expected: array")]
    [InlineData(
        "{\"name\":\"v\",\"size\":512,\"children\":[]}",
        "Parameter 'children' expects at least one node; left out, it is all of them")]
    [InlineData(
        "{\"name\":\"v\",\"size\":512,\"children\":[1]}",
        "Invalid parameter type for 'children[0]', expected: string")]
    [InlineData(
        "{\"name\":\"v\",\"size\":512,\"rewrite-corrupted\":1}",
        "Invalid parameter type for 'rewrite-corrupted', expected: boolean")]
    [InlineData(
        "{\"name\":\"v\",\"size\":512,\"digest\":\"md5\"}", "Parameter 'digest' does not accept value 'md5'")]
    [InlineData(
        "{\"name\":\"v\",\"size\":512,\"durability\":\"never\"}",
        "Parameter 'durability' does not accept value 'never'")]
    [InlineData(
        "{\"name\":\"v\",\"size\":512,\"on-cache-loss\":1}",
        "Invalid parameter type for 'on-cache-loss', expected: string")]
    public void Volume_create_says_what_is_wrong_in_QEMUs_words(string arguments, string desc)
    {
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Equal(
            $"{{\"error\":{{\"class\":\"GenericError\",\"desc\":\"{desc}\"}}}}",
            client.Ask($"{{\"execute\":\"volume-create\",\"arguments\":{arguments}}}"));
        Assert.Empty(_qmp.Asked);
    }

    [Fact]
    public void Child_add_names_the_new_slot_and_replica()
    {
        _qmp.Answer = static _ => new ChildAdded("children.3", "demo-node4");
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Equal(
            "{\"return\":{\"child\":\"children.3\",\"node-name\":\"demo-node4\"}}",
            client.Ask(
                "{\"execute\":\"child-add\",\"arguments\":{\"volume\":\"demo\",\"node\":\"node4\"}}"));
        Assert.Equal([new AddChild("demo", "node4")], _qmp.Asked);
    }

    [Theory]
    [InlineData(false, "[]")]
    [InlineData(true, "[\"node2\"]")]
    public void Child_remove_says_whether_the_node_could_not_be_told(bool isLeft, string leftOn)
    {
        _qmp.Answer = _ => new ChildRemoved("children.1") { Node = "node2", IsLeft = isLeft };
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Equal(
            $"{{\"return\":{{\"left-on\":{leftOn}}}}}",
            client.Ask(
                "{\"execute\":\"child-remove\","
                    + "\"arguments\":{\"volume\":\"demo\",\"child\":\"children.1\"}}"));
        Assert.Equal([new RemoveChild("demo", "children.1")], _qmp.Asked);
    }

    [Theory]
    [InlineData("child-add", "{\"node\":\"n\"}", "Parameter 'volume' is missing")]
    [InlineData("child-add", "{\"volume\":\"v\"}", "Parameter 'node' is missing")]
    [InlineData("child-remove", "{\"volume\":\"v\"}", "Parameter 'child' is missing")]
    [InlineData("child-remove", "{\"volume\":\"v\",\"child\":\"c\"}", "no")]
    [InlineData("child-add", "{\"volume\":\"v\",\"node\":\"n\"}", "no")]
    [InlineData(
        "child-remove",
        "{\"volume\":\"v\",\"child\":1}",
        "Invalid parameter type for 'child', expected: string")]
    public void A_child_command_that_is_wrong_or_refused_says_why(
        string command, string arguments, string desc)
    {
        _qmp.Answer = static _ => new AdminRefused("no");
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Equal(
            $"{{\"error\":{{\"class\":\"GenericError\",\"desc\":\"{desc}\"}}}}",
            client.Ask($"{{\"execute\":\"{command}\",\"arguments\":{arguments}}}"));
    }

    [Fact]
    public async Task The_client_gives_an_error_its_text_and_class()
    {
        using QmpClient client = await QmpClient.ConnectAsync(_qmp.Server.Address, CancellationToken.None);

        QmpClientException refused = await Assert.ThrowsAsync<QmpClientException>(
            () => client.ExecuteAsync("nope", arguments: null, CancellationToken.None));

        Assert.Equal("The command nope has not been found", refused.Message);
        Assert.Equal("CommandNotFound", refused.Error!.Class);
    }

    private static IEnumerable<int> Sectors(JsonElement events) =>
        events.EnumerateArray().Select(
            static one => one.GetProperty("data").GetProperty("sector-num").GetInt32());
}
