namespace Replication.Host.Tests.Commands;

public sealed class ChildCommandTests : IAsyncLifetime
{
    private readonly FakeService _service = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Fact]
    public async Task List_has_a_line_a_child()
    {
        _service.On("query-volumes", $"[{VolumeCommandTests.Volume}]");

        (int exitCode, string output, _) = await _service.RunAsync("child", "list", "vm1");

        Assert.Equal(0, exitCode);
        Assert.Single(output.Split('\n'), static line => line.Contains(
            "children.0  node1  synced  open  0           0        0/0/0",
            StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_shows_node_names_that_somebody_chose()
    {
        string volume = VolumeCommandTests.Volume.Replace("vm1-node1", "left", StringComparison.Ordinal);
        _service.On("query-volumes", $"[{volume}]");

        (_, string output, _) = await _service.RunAsync("child", "list", "vm1");

        Assert.Contains("children.0  node1  left       synced  ", output, StringComparison.Ordinal);
        Assert.Contains("children.1  node2  vm1-node2  synced  ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_says_which_child_it_is_and_where_to_look()
    {
        _service
            .On("child-add", "{'child':'children.2','node-name':'vm1-node3'}")
            .On("query-volumes", $"[{VolumeCommandTests.Volume}]");

        (int exitCode, string output, _) = await _service.RunAsync("child", "add", "vm1", "node3");

        Assert.Equal(0, exitCode);
        Assert.Equal(
            "vm1-node3 (children.2) is added and is being built: "
                + "'replication status vm1' says how far it is.\n",
            output);
        Assert.Equal(
            ["child-add {'volume':'vm1','node':'node3'}", "query-volumes {'name':'vm1'}"],
            _service.Asked);
    }

    [Fact]
    public async Task Add_warns_of_ties_where_half_of_the_children_win_a_vote()
    {
        string volume = VolumeCommandTests.Volume.Replace(
            "\"vote-threshold\":2", "\"vote-threshold\":1", StringComparison.Ordinal);
        _service
            .On("child-add", "{'child':'children.1','node-name':'vm1-node2'}")
            .On("query-volumes", $"[{volume}]");

        (int exitCode, string output, _) = await _service.RunAsync("child", "add", "vm1", "node2");

        Assert.Equal(0, exitCode);
        Assert.EndsWith(
            "\nvm1 has 2 children and a threshold of 1: a single replica that lies can win a vote.\n",
            output,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("children.1")]
    [InlineData("node2")]
    [InlineData("vm1-node2")]
    public async Task Remove_takes_the_slot_the_node_or_the_node_name(string child)
    {
        _service.On("query-volumes", $"[{VolumeCommandTests.Volume}]").On("child-remove", "{}");

        (int exitCode, string output, _) = await _service.RunAsync("child", "remove", "vm1", child);

        Assert.Equal(
            (0, "children.1 of vm1 is removed. Its files are in its node's trash.\n"), (exitCode, output));
        Assert.Equal("child-remove {'volume':'vm1','child':'children.1'}", _service.Asked[^1]);
    }

    [Fact]
    public async Task Remove_says_that_the_node_could_not_be_told()
    {
        _service.On("query-volumes", $"[{VolumeCommandTests.Volume}]")
            .On("child-remove", "{\"left-on\":[\"node2\"]}");

        (_, string output, _) = await _service.RunAsync("child", "remove", "vm1", "node2");

        Assert.Equal(
            "children.1 of vm1 is removed. node2 could not be told: its files stay there until the gateway "
                + "is started again.\n",
            output);
    }

    [Theory]
    [InlineData("node9")]
    [InlineData("children.9")]
    public async Task Remove_of_what_is_no_child_names_those_that_are(string child)
    {
        _service.On("query-volumes", $"[{VolumeCommandTests.Volume}]");

        (int exitCode, _, string said) = await _service.RunAsync("child", "remove", "vm1", child);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            $"replication: volume vm1 has no child '{child}': "
                + "it has children.0 on node1, children.1 on node2\n",
            said);
    }

    [Fact]
    public async Task Remove_of_what_could_be_two_children_removes_none()
    {
        string volume = VolumeCommandTests.Volume.Replace("vm1-node1", "node2", StringComparison.Ordinal);
        _service.On("query-volumes", $"[{volume}]").On("child-remove", "{}");

        (int exitCode, _, string said) = await _service.RunAsync("child", "remove", "vm1", "node2");

        Assert.Equal(1, exitCode);
        Assert.Equal("replication: 'node2' could be children.0 or children.1 of volume vm1\n", said);
        Assert.Single(_service.Asked);
    }

    [Theory]
    [InlineData("child-add", "Node 'node9' not found", "child", "add", "vm1", "node9")]
    [InlineData(
        "child-remove", "The number of children cannot be lower than the vote threshold 2",
        "child", "remove", "vm1", "children.0")]
    [InlineData("query-volumes", "Cannot find device='vm9' nor node-name='vm9'", "child", "list", "vm9")]
    public async Task What_the_service_refuses_is_its_own_text_whole(
        string qmp, string text, params string[] command)
    {
        _service.On("query-volumes", $"[{VolumeCommandTests.Volume}]").Refuse(qmp, text);

        Assert.Equal((1, "", $"replication: {text}\n"), await _service.RunAsync(command));
    }
}
