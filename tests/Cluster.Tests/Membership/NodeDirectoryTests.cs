using Replication.Cluster.Membership;

namespace Replication.Cluster.Tests.Membership;

/// <summary>The fixed list of storage nodes.</summary>
public sealed class NodeDirectoryTests
{
    [Fact]
    public void Nodes_keep_their_order_and_are_found_by_name()
    {
        var directory = new NodeDirectory([new("node2", "127.0.0.1:2"), new("node1", "127.0.0.1:1")]);
        Assert.Equal(["node2", "node1"], directory.Nodes.Select(node => node.Name));
        Assert.True(directory.TryGetAddress("node1", out string? address));
        Assert.Equal("127.0.0.1:1", address);
        Assert.False(directory.TryGetAddress("node3", out _));
    }

    [Fact]
    public void A_list_changed_afterwards_changes_nothing()
    {
        var nodes = new List<StorageNode> { new("node1", "a") };
        var directory = new NodeDirectory(nodes);
        nodes.Clear();
        Assert.Single(directory.Nodes);
    }

    [Theory]
    [InlineData("Node", "a", "node 'Node'")]
    [InlineData("node1", " ", "node node1 has no address")]
    [InlineData("node0", "b", "node node0 is there twice")]
    public void A_bad_node_is_refused_by_name(string name, string address, string error)
    {
        var exception = Assert.Throws<ArgumentException>(
            () => new NodeDirectory([new("node0", "a"), new(name, address)]));
        Assert.StartsWith(error, exception.Message, StringComparison.Ordinal);
    }
}
