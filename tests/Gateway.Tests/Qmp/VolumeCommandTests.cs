using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>Our own commands on volumes, and what query-cluster makes of them.</summary>
public sealed class VolumeCommandTests : IAsyncLifetime
{
    private readonly QmpFixture _qmp = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _qmp.DisposeAsync().AsTask();

    [Fact]
    public void Volume_delete_says_on_which_nodes_files_are_left()
    {
        _qmp.Answer = static asked =>
            asked is QueryVolumes ? new VolumeList([]) : new VolumeDeleted("v", ["node2"]);
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Equal(
            """{"return":{"left-on":["node2"],"configured":false}}""",
            client.Run("volume-delete", """{"name":"v"}"""));
        Assert.Equal([new QueryVolumes(), new DeleteVolume("v")], _qmp.Asked);
    }

    [Fact]
    public void Volume_delete_says_whether_the_next_start_makes_the_volume_anew()
    {
        _qmp.Answer = static asked =>
            asked is DeleteVolume delete ? new VolumeDeleted(delete.Name, []) : new VolumeList([]);
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Equal(
            """{"return":{"left-on":[],"configured":true}}""",
            client.Run("volume-delete", $$"""{"name":"{{QmpFixture.ConfiguredVolume}}"}"""));
        Assert.Equal(
            """{"return":{"left-on":[],"configured":false}}""",
            client.Run("volume-delete", """{"name":"other"}"""));
    }

    [Fact]
    public void Volume_delete_tells_all_clients_of_the_exports_that_go_with_it()
    {
        VolumeStatus volume = QmpVolumes.Of("v", 512, "node1") with
        {
            Exports = [VolumeExport.OwnOf("v"), new VolumeExport("e", "disk", Writable: false, "")],
        };
        bool isRefused = true;
        _qmp.Answer = asked => asked is QueryVolumes ? new VolumeList([volume])
            : isRefused ? new AdminRefused("not now")
            : new VolumeDeleted("v", []);
        using RawQmpClient client = _qmp.Negotiated();
        using RawQmpClient bystander = _qmp.Negotiated();

        Assert.Equal(RawQmpClient.Error("not now"), client.Run("volume-delete", """{"name":"v"}"""));
        isRefused = false;
        client.Send("{'execute':'volume-delete','arguments':{'name':'v'}}");

        foreach (string id in (string[])["v", "e"])
        {
            string line = "{\"event\":\"BLOCK_EXPORT_DELETED\",\"data\":{\"id\":\"" + id
                + "\"},\"timestamp\":{\"seconds\":0,\"microseconds\":0}}";
            Assert.Equal(line, client.ReadLine());
            Assert.Equal(line, bystander.ReadLine());
        }

        Assert.Equal("""{"return":{"left-on":[],"configured":false}}""", client.ReadLine());
    }

    [Fact]
    public void Volume_reopen_shows_the_volume_as_it_is_now()
    {
        _qmp.Answer = static _ => new VolumeReady(QmpVolumes.Of("v", 1 << 20, "node1", "node2"));
        using RawQmpClient client = _qmp.Negotiated();

        Assert.StartsWith(
            """{"return":{"name":"v",""",
            client.Run("volume-reopen", """{"name":"v"}"""),
            StringComparison.Ordinal);
        Assert.Equal([new ReopenVolume("v")], _qmp.Asked);
    }

    [Theory]
    [InlineData("volume-delete", "{}", "Parameter 'name' is missing")]
    [InlineData("volume-reopen", "{}", "Parameter 'name' is missing")]
    [InlineData("volume-delete", """{"name":1}""", "Invalid parameter type for 'name', expected: string")]
    [InlineData("volume-delete", """{"name":"v"}""", "there is no volume 'v'; nothing is done")]
    [InlineData("volume-reopen", """{"name":"v"}""", "there is no volume 'v'; nothing is done")]
    [InlineData("volume-reopen", """{"name":"v","bogus":1}""", "Parameter 'bogus' is unexpected")]
    public void What_is_wrong_or_refused_is_said_whole(string command, string arguments, string desc)
    {
        _qmp.Answer = static asked => asked is QueryVolumes
            ? new VolumeList([])
            : new AdminRefused("there is no volume 'v'; nothing is done");
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Equal(
            RawQmpClient.Error(desc), client.Run(command, arguments));
    }

    [Fact]
    public void Query_volumes_shows_only_the_volume_that_is_named()
    {
        _qmp.Answer = static _ => new VolumeList(
            [QmpVolumes.Of("a", 512, "node1"), QmpVolumes.Of("b", 512, "node1")]);
        using RawQmpClient client = _qmp.Negotiated();

        string answer = client.Run("query-volumes", """{"name":"b"}""");

        Assert.StartsWith("""{"return":[{"name":"b",""", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("\"name\":\"a\"", answer, StringComparison.Ordinal);
        Assert.Equal(
            RawQmpClient.Error("there is no volume 'c'"), client.Run("query-volumes", """{"name":"c"}"""));
    }

    [Fact]
    public void Query_volumes_shows_how_a_volume_is_exported()
    {
        _qmp.Answer = static _ => new VolumeList([QmpVolumes.Of("a", 512, "node1") with
        {
            Exports = [new VolumeExport("e1", "disk", Writable: false, "the database")],
        }]);
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Contains(
            """
            "exports":[{"id":"e1","name":"disk","writable":false,"description":"the database"}],"children":
            """,
            client.Ask("""{"execute":"query-volumes"}"""),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Volume_create_takes_a_read_pattern()
    {
        CreateVolume asked = Create("""{"name":"v","size":512,"read-pattern":"fifo"}""");

        Assert.Equal(new VolumeOptions { Threshold = 2, ReadPattern = ReadPattern.Fifo }, asked.Options);
        Assert.True(asked.IsExported);
    }

    [Fact]
    public void Volume_create_takes_blkverify_of_two_children_whose_threshold_is_two_by_itself()
    {
        CreateVolume asked = Create(
            """{"name":"v","size":512,"children":["node1","node2"],"blkverify":true}""");

        Assert.Equal(new VolumeOptions { Threshold = 2, Blkverify = true }, asked.Options);
    }

    [Theory]
    [InlineData("""{"name":"v","size":512,"read-pattern":"rr"}""",
        "Parameter 'read-pattern' does not accept value 'rr'")]
    [InlineData("""{"name":"v","size":512,"blkverify":1}""",
        "Invalid parameter type for 'blkverify', expected: boolean")]
    [InlineData("""{"name":"v","size":512,"blkverify":true}""",
        "blkverify=on can only be set if there are exactly two files and vote-threshold is 2")]
    [InlineData(
        """{"name":"v","size":512,"children":["node1","node2"],"blkverify":true,"vote-threshold":1}""",
        "blkverify=on can only be set if there are exactly two files and vote-threshold is 2")]
    [InlineData(
        """{"name":"v","size":512,"children":["node1","node2"],"blkverify":true,"rewrite-corrupted":true}""",
        "rewrite-corrupted=on cannot be used with blkverify=on")]
    public void Volume_create_refuses_what_QEMUs_quorum_does(string arguments, string desc)
    {
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Equal(
            RawQmpClient.Error(desc), client.Run("volume-create", arguments));
        Assert.Empty(_qmp.Asked);
    }

    [Fact]
    public void Child_add_passes_on_the_name_of_the_replica()
    {
        _qmp.Answer = static asked => asked is QueryVolumes
            ? new VolumeList([])
            : new ChildAdded("children.3", "c9");
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Equal(
            """{"return":{"child":"children.3","node-name":"c9"}}""",
            client.Run("child-add", """{"volume":"v","node":"node3","node-name":"c9"}"""));
        Assert.Equal(
            new AddChild("v", "node3") { NodeName = "c9" }, Assert.Single(_qmp.Asked.OfType<AddChild>()));
    }

    [Fact]
    public void Query_cluster_tells_which_nodes_answer()
    {
        VolumeStatus one = QmpVolumes.Of("a", 512, "node1", "node2");
        ChildStatus lost = one.Children[1] with { Link = ChildLink.Out };
        _qmp.Answer = _ => new VolumeList(
            [one with { Children = [one.Children[0], lost] }, QmpVolumes.Of("b", 512, "node1")]);
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Matches(
            """^{"return":{"gateway":"gate","version":"[0-9]+\.[0-9]+\.[0-9]+","nodes":\["""
                + """{"name":"node1","address":"tcp:1","link":"up","replicas":2},"""
                + """{"name":"node2","address":"tcp:2","link":"down","replicas":1},"""
                + """{"name":"node3","address":"tcp:3","link":"unknown","replicas":0}\]}}$""",
            client.Ask("""{"execute":"query-cluster"}"""));
    }

    [Theory]
    [InlineData(VolumeCondition.Degraded, ChildState.Synced, "down")]
    [InlineData(VolumeCondition.Suspended, ChildState.Stale, "down")]
    [InlineData(VolumeCondition.Degraded, ChildState.Faulted, "unknown")]
    [InlineData(VolumeCondition.Opening, ChildState.Synced, "unknown")]
    [InlineData(VolumeCondition.Failed, ChildState.Synced, "unknown")]
    [InlineData(VolumeCondition.Stopped, ChildState.Synced, "unknown")]
    public void A_node_is_down_only_where_a_volume_in_service_misses_its_replica(
        VolumeCondition condition, ChildState state, string link)
    {
        VolumeStatus volume = QmpVolumes.Of("a", 512, "node1");
        _qmp.Answer = _ => new VolumeList([volume with
        {
            Condition = condition,
            Children = [volume.Children[0] with { State = state, Link = ChildLink.Closed }],
        }]);
        using RawQmpClient client = _qmp.Negotiated();

        Assert.Contains(
            $"\"name\":\"node1\",\"address\":\"tcp:1\",\"link\":\"{link}\"",
            client.Ask("""{"execute":"query-cluster"}"""),
            StringComparison.Ordinal);
    }

    private CreateVolume Create(string arguments)
    {
        _qmp.Answer = static asked => asked is QueryVolumes
            ? new VolumeList([])
            : new VolumeReady(QmpVolumes.Of("v", 512, "node1"));
        using RawQmpClient client = _qmp.Negotiated();
        client.Run("volume-create", arguments);
        return Assert.Single(_qmp.Asked.OfType<CreateVolume>());
    }
}
