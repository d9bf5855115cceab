using System.Text.Json;
using Replication.Cluster.Records;
using Replication.Coordinator.Entry;
using Replication.Coordinator.Volumes;

namespace Replication.Gateway.Tests.Qmp;

/// <summary>Quorums and replicas by QEMU's commands: what becomes of them, and what is refused.</summary>
public sealed class BlockNodeTests : IAsyncLifetime
{
    private readonly BlockFixture _block = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _block.DisposeAsync().AsTask();

    [Fact]
    public void A_quorum_of_announced_replicas_is_made_where_they_say_and_not_exported()
    {
        _block.Add(
            """
            {"driver":"quorum","node-name":"q1","vote-threshold":1,"children":["c4","c3"],
             "read-pattern":"fifo","rewrite-corrupted":true}
            """);

        CreateVolume asked = Assert.IsType<CreateVolume>(Assert.Single(_block.Done));
        Assert.Equal(("q1", 1L << 20, false), (asked.Name, asked.SizeBytes, asked.IsExported));
        Assert.Equal(["node2", "node1"], asked.Nodes);
        Assert.Equal(["c4", "c3"], asked.NodeNames);
        Assert.Equal(
            new VolumeOptions { Threshold = 1, ReadPattern = ReadPattern.Fifo, RewriteCorrupted = true },
            asked.Options);
    }

    [Fact]
    public void A_quorum_may_describe_its_replicas_on_the_spot()
    {
        _block.Add(
            """
            {"driver":"quorum","node-name":"q1","vote-threshold":2,"size":4096,"children":[
              {"driver":"replica","host":"node3"},
              {"driver":"replica","host":"node1","node-name":"mine","size":4096}]}
            """);

        CreateVolume asked = Assert.IsType<CreateVolume>(Assert.Single(_block.Done));
        Assert.Equal(4096, asked.SizeBytes);
        Assert.Equal(["node3", "node1"], asked.Nodes);
        Assert.Equal(["q1-node3", "mine"], asked.NodeNames);
    }

    [Theory]
    [InlineData("""{"driver":"replica","node-name":"n"}""", "Parameter 'host' is missing")]
    [InlineData("""{"driver":"replica","host":"node1"}""", "'node-name' must be specified for the root node")]
    [InlineData("""{"driver":"replica","host":"node1","node-name":"a b"}""", "Invalid node-name: 'a b'")]
    [InlineData("""{"driver":"replica","host":"node1","node-name":"c0"}""",
        "Duplicate nodes with node-name='c0'")]
    [InlineData("""{"driver":"replica","host":"node1","node-name":"q0"}""",
        "Duplicate nodes with node-name='q0'")]
    [InlineData("""{"driver":"replica","host":"node9","node-name":"n"}""",
        "there is no storage node 'node9'; there are node1, node2, node3")]
    [InlineData("""{"driver":"replica","host":"node1","node-name":"n","size":1000}""",
        "Parameter 'size' expects a multiple of 512")]
    [InlineData("""{"driver":"replica","host":"node1","node-name":"n","size":0}""",
        "Parameter 'size' expects a value >= 1")]
    [InlineData("""{"driver":"replica","host":"node1","node-name":"n","bogus":0}""",
        "Parameter 'bogus' is unexpected")]
    [InlineData("""{"driver":"quorum","node-name":"q","vote-threshold":1,"children":["c0"]}""",
        "The node c0 already has a parent")]
    [InlineData("""{"driver":"quorum","node-name":"q","vote-threshold":1,"children":["c3","c3"]}""",
        "The node c3 already has a parent")]
    [InlineData("""{"driver":"quorum","node-name":"q","vote-threshold":1,"children":["q0"]}""",
        "Node 'q0' is a quorum; a child is a replica")]
    [InlineData(
        """{"driver":"quorum","node-name":"q","vote-threshold":1,"children":["c3"],"size":2097152}""",
        "Node 'c3' has 1048576 bytes and node 'q' has 2097152: a quorum and its children have one size")]
    [InlineData(
        """
        {"driver":"quorum","node-name":"q","vote-threshold":1,"children":["c3",
          {"driver":"replica","host":"node2","size":524288}]}
        """,
        "Node 'q-node2' has 524288 bytes and node 'c3' has 1048576: a quorum and its children have one size")]
    [InlineData(
        """
        {"driver":"quorum","node-name":"q","vote-threshold":1,"children":[
          {"driver":"replica","host":"node2"}]}
        """,
        "Parameter 'size' is missing")]
    [InlineData(
        """{"driver":"quorum","node-name":"q","vote-threshold":1,"children":[{"driver":"replica"}]}""",
        "Parameter 'children[0].host' is missing")]
    [InlineData(
        """
        {"driver":"quorum","node-name":"q","vote-threshold":1,"size":512,"children":["c3",
          {"driver":"replica","host":"node2","node-name":"c4"}]}
        """,
        "Duplicate nodes with node-name='c4'")]
    [InlineData(
        """
        {"driver":"quorum","node-name":"q","vote-threshold":1,"size":512,"children":[
          {"driver":"replica","host":"node2","bogus":1}]}
        """,
        "Parameter 'children[0].bogus' is unexpected")]
    [InlineData(
        """{"driver":"quorum","node-name":"q","vote-threshold":1,"size":512,"children":[1]}""",
        "Invalid parameter type for 'children[0]', expected: BlockdevRef")]
    public void What_cannot_be_added_is_refused_and_changes_nothing(string arguments, string desc)
    {
        string before = _block.Run("query-named-block-nodes", "{}");

        _block.Refuse("blockdev-add", arguments.ReplaceLineEndings(""), desc);

        Assert.Equal(before, _block.Run("query-named-block-nodes", "{}"));
        Assert.Empty(_block.Done);
    }

    [Fact]
    public void Adding_a_replica_to_a_quorum_says_where_how_large_and_by_which_name()
    {
        _block.Succeed("x-blockdev-change", """{"parent":"q0","node":"c3"}""");

        Assert.Equal([new AddChild("q0", "node1") { NodeName = "c3", SizeBytes = 1 << 20 }], _block.Done);
        _block.Refuse(
            "x-blockdev-change", """{"parent":"q0","node":"c3"}""", "The node c3 already has a parent");
    }

    [Fact]
    public void A_replica_that_was_added_by_reference_is_free_again_when_it_is_removed()
    {
        _block.Succeed("x-blockdev-change", """{"parent":"q0","node":"c3"}""");
        _block.Succeed("x-blockdev-change", """{"parent":"q0","child":"children.3"}""");

        Assert.Equal(new RemoveChild("q0", "children.3"), _block.Done.Last());
        _block.Succeed("x-blockdev-change", """{"parent":"q0","node":"c3"}""");
        Assert.Equal("children.4", _block.Volumes["q0"].Children[^1].Name);
    }

    [Fact]
    public void Removing_a_child_stops_at_the_threshold()
    {
        _block.Succeed("x-blockdev-change", """{"parent":"q0","child":"children.1"}""");

        _block.Refuse(
            "x-blockdev-change",
            """{"parent":"q0","child":"children.0"}""",
            "The number of children cannot be lower than the vote threshold 2");
    }

    [Fact]
    public void What_the_gateway_refuses_is_said_whole()
    {
        _block.Qmp.Answer = asked => asked is QueryVolumes
            ? _block.Volumes.Answer(asked)
            : new AdminRefused("no; and here is why");

        _block.Refuse("x-blockdev-change", """{"parent":"q0","node":"c3"}""", "no; and here is why");
        _block.Refuse("x-blockdev-change", """{"parent":"q0","child":"children.0"}""", "no; and here is why");
        _block.Refuse("blockdev-del", """{"node-name":"q0"}""", "no; and here is why");
        _block.Refuse(
            "blockdev-add",
            """{"driver":"quorum","node-name":"q1","vote-threshold":1,"children":["c3"]}""",
            "no; and here is why");
    }

    [Fact]
    public void Deleting_a_quorum_deletes_the_volume_and_frees_its_replicas()
    {
        _block.Succeed("blockdev-del", """{"node-name":"q0"}""");

        Assert.Equal([new DeleteVolume("q0")], _block.Done);
        _block.Refuse(
            "blockdev-del", """{"node-name":"q0"}""", "Failed to find node with node-name='q0'");
        _block.Succeed("blockdev-del", """{"node-name":"c0"}""");
        _block.Refuse(
            "blockdev-del", """{"node-name":"c0"}""", "Failed to find node with node-name='c0'");
    }

    [Fact]
    public void A_quorum_that_is_exported_is_not_deleted()
    {
        _block.Volumes["q0"] = _block.Volumes["q0"] with { Exports = [VolumeExport.OwnOf("q0")] };

        _block.Refuse("blockdev-del", """{"node-name":"q0"}""", "Node q0 is in use");
    }

    [Fact]
    public void A_replica_that_its_quorum_described_is_not_to_be_deleted_by_itself()
    {
        _block.Add(
            """
            {"driver":"quorum","node-name":"q1","vote-threshold":1,"size":512,"children":[
              {"driver":"replica","host":"node1","node-name":"mine"}]}
            """);

        _block.Refuse("blockdev-del", """{"node-name":"mine"}""", "Node mine is not owned by the monitor");
    }

    [Fact]
    public void Our_own_commands_make_no_second_node_of_a_name()
    {
        _block.Add("""{"driver":"replica","node-name":"v-node2","host":"node1"}""");
        const string Taken = "Duplicate nodes with node-name=";

        _block.Refuse("volume-create", """{"name":"v","size":512}""", $"{Taken}'v-node2'");
        _block.Refuse("volume-create", """{"name":"c3","size":512}""", $"{Taken}'c3'");
        _block.Refuse("child-add", """{"volume":"v","node":"node2"}""", $"{Taken}'v-node2'");
        _block.Refuse("child-add", """{"volume":"q0","node":"node1","node-name":"c0"}""", $"{Taken}'c0'");
        _block.Refuse("child-add", """{"volume":"q0","node":"node1","node-name":"qb"}""", $"{Taken}'qb'");
        Assert.Empty(_block.Done);
    }

    [Fact]
    public void A_quorum_is_shown_with_what_is_known_of_each_child()
    {
        VolumeStatus volume = _block.Volumes["q0"];
        _block.Volumes["q0"] = volume with
        {
            Condition = VolumeCondition.Degraded,
            Children =
            [
                volume.Children[0] with
                {
                    State = ChildState.Stale,
                    LastLostVote = DateTimeOffset.UnixEpoch,
                    Counters = new ChildCounters(1, 2, 3, 4, 5),
                },
                .. volume.Children.Skip(1),
            ],
        };

        JsonElement node = Node("q0");

        Assert.Equal("degraded", node.GetProperty("condition").GetString());
        Assert.Equal(
            """
            {"child":"children.0","node":"node1","node-name":"c0","state":"stale","link":"open",
            "last-lost-vote":"1970-01-01T00:00:00.000000Z","votes-lost":1,"repairs":2,"read-errors":3,
            "write-errors":4,"flush-errors":5}
            """.ReplaceLineEndings(""),
            node.GetProperty("children")[0].GetRawText());
        Assert.Equal(
            """
            json:{"children":[{"driver":"replica","host":"node1"},{"driver":"replica","host":"node2"},
            {"driver":"replica","host":"node3"}],"driver":"quorum","vote-threshold":2}
            """.ReplaceLineEndings(""),
            node.GetProperty("file").GetString());
        Assert.Equal(1 << 20, node.GetProperty("image").GetProperty("virtual-size").GetInt64());
    }

    [Fact]
    public void A_replica_is_shown_with_its_quorum_or_without()
    {
        JsonElement attached = Node("c0");
        JsonElement free = Node("c3");

        Assert.Equal(("replica", "node1"), (Text(attached, "drv"), Text(attached, "host")));
        Assert.Equal(("q0", "synced"), (Text(attached, "parent"), Text(attached, "state")));
        Assert.Equal(("replica", "node1"), (Text(free, "drv"), Text(free, "host")));
        Assert.False(free.TryGetProperty("parent", out _));
    }

    [Fact]
    public void Every_node_is_shown_once()
    {
        using JsonDocument answer = JsonDocument.Parse(_block.Run("query-named-block-nodes", "{}"));

        Assert.Equal(
            ["q0", "c0", "c1", "c2", "qb", "c5", "c6", "c3", "c4", "c7", "c8"],
            answer.RootElement.GetProperty("return").EnumerateArray()
                .Select(static node => node.GetProperty("node-name").GetString()));
    }

    [Fact]
    public void A_replica_that_is_being_given_to_a_quorum_is_not_given_to_another()
    {
        _block.Qmp.Answer = asked =>
        {
            if (asked is AddChild)
            {
                using RawQmpClient other = _block.Qmp.Negotiated();
                Assert.Equal(
                    RawQmpClient.Error("The node c3 already has a parent"),
                    other.Run("x-blockdev-change", """{"parent":"q0","node":"c3"}"""));
                Assert.Equal(
                    RawQmpClient.Error("Node c3 is in use"),
                    other.Run("blockdev-del", """{"node-name":"c3"}"""));
                Assert.StartsWith(
                    """{"error":{"class":"GenericError","desc":"Another command is changing""",
                    other.Run(
                        "blockdev-add",
                        """{"driver":"quorum","node-name":"q1","vote-threshold":1,"children":["c3"]}"""),
                    StringComparison.Ordinal);
            }

            return _block.Volumes.Answer(asked);
        };

        _block.Succeed("x-blockdev-change", """{"parent":"q0","node":"c3"}""");

        Assert.Single(_block.Done);
    }

    [Fact]
    public void One_announced_replica_too_many_is_refused()
    {
        for (int number = BlockFixture.Replicas; number < 1024; number++)
        {
            _block.Add($$"""{"driver":"replica","node-name":"c{{number}}","host":"node1"}""");
        }

        _block.Refuse(
            "blockdev-add",
            """{"driver":"replica","node-name":"more","host":"node1"}""",
            "there are 1024 replicas already, which are the most");
    }

    private static string? Text(JsonElement node, string name) => node.GetProperty(name).GetString();

    private JsonElement Node(string name)
    {
        using JsonDocument answer = JsonDocument.Parse(_block.Run("query-named-block-nodes", "{}"));
        return answer.RootElement.GetProperty("return").EnumerateArray()
            .Single(node => node.GetProperty("node-name").GetString() == name)
            .Clone();
    }
}
