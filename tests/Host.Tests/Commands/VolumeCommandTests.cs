using System.Text.Json;

namespace Replication.Host.Tests.Commands;

public sealed class VolumeCommandTests : IAsyncLifetime
{
    internal const string Volume =
        """
        {"name":"vm1","id":"7","size":10737418240,"vote-threshold":2,"read-pattern":"quorum",
         "rewrite-corrupted":true,"blkverify":false,"digest":"xxh128","durability":"flush",
         "on-cache-loss":"continue","epoch":3,"condition":"healthy","unreconciled-bytes":0,"bad-bytes":0,
         "exports":[{"id":"vm1","name":"vm1","writable":true,"description":""},
                    {"id":"ro","name":"vm1-ro","writable":false,"description":""}],
         "children":[
        {"name":"children.0","node":"node1","node-name":"vm1-node1","state":"synced","link":"open",
         "votes-lost":0,"repairs":0,"read-errors":0,"write-errors":0,"flush-errors":0},
        {"name":"children.1","node":"node2","node-name":"vm1-node2","state":"synced","link":"open",
         "votes-lost":0,"repairs":0,"read-errors":0,"write-errors":0,"flush-errors":0}]}
        """;

    private readonly FakeService _service = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _service.DisposeAsync().AsTask();

    [Theory]
    [InlineData("", "'rewrite-corrupted':true")]
    [InlineData("--rewrite-corrupted off", "'rewrite-corrupted':false")]
    [InlineData("--blkverify", "'rewrite-corrupted':false,'blkverify':true")]
    [InlineData("--blkverify --rewrite-corrupted on", "'rewrite-corrupted':true,'blkverify':true")]
    [InlineData(
        "--children node1,node2,node3 --threshold 2",
        "'children':['node1','node2','node3'],'vote-threshold':2,'rewrite-corrupted':true")]
    [InlineData(
        "--children node1 --children node2,node3",
        "'children':['node1','node2','node3'],'rewrite-corrupted':true")]
    [InlineData(
        "--read-pattern fifo --digest sha256 --durability write --on-cache-loss refuse",
        "'read-pattern':'fifo','rewrite-corrupted':true,'digest':'sha256','durability':'write',"
            + "'on-cache-loss':'refuse'")]
    public async Task Create_sends_what_was_given_and_leaves_the_rest_to_the_service(
        string options, string arguments)
    {
        _service.On("volume-create", Volume).On("query-cluster", "{'nodes':[{'name':'a'},{'name':'b'}]}");

        (int exitCode, _, string said) = await _service.RunAsync(
            ["volume", "create", "vm1", "--size", "10GiB",
                .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        Assert.Equal((0, ""), (exitCode, said));
        Assert.Equal($"volume-create {{'name':'vm1','size':10737418240,{arguments}}}", _service.Asked[^1]);
    }

    [Theory]
    [InlineData("--children a,b --children a")]
    [InlineData("--children a,a")]
    public async Task A_node_that_is_named_twice_is_a_wrong_command_line(string options)
    {
        (int exitCode, _, string said) = await _service.RunAsync(
            ["volume", "create", "vm1", "--size", "1M", .. options.Split(' ')]);

        Assert.Equal(2, exitCode);
        Assert.StartsWith(
            "replication: --children: a is named twice, and a node has one replica of a volume\n",
            said,
            StringComparison.Ordinal);
        Assert.Empty(_service.Asked);
    }

    [Theory]
    [InlineData("--children", "a", "b")]
    [InlineData("--size", "1M", "2M")]
    [InlineData("--threshold", "1", "2")]
    public async Task What_follows_a_value_is_not_taken_silently(string option, string first, string second)
    {
        (int exitCode, _, _) = await _service.RunAsync(
            "volume", "create", "vm1", "--size", "1M", option, first, second);

        Assert.Equal(2, exitCode);
        Assert.Empty(_service.Asked);
    }

    [Fact]
    public async Task Create_warns_where_there_is_a_single_replica()
    {
        int second = Volume.IndexOf("\"bad-bytes\"", Ordinal);
        string single = Volume[..second] + """
            "bad-bytes":0,"children":[{"name":"children.0","node":"node1","state":"synced","link":"open"}]}
            """;
        _service.On("volume-create", single);

        (_, string output, _) = await _service.RunAsync("volume", "create", "vm1", "--size", "10GiB");

        Assert.Contains("\nvm1 has a single replica: nothing tells when it lies", output, Ordinal);
    }

    [Fact]
    public async Task Create_warns_where_no_vote_is_taken()
    {
        _service.On("volume-create", Volume.Replace("\"quorum\"", "\"fifo\"", Ordinal));

        (_, string output, _) = await _service.RunAsync("volume", "create", "vm1", "--size", "10GiB");

        Assert.EndsWith(
            "\nvm1 does not vote on reads: a lie of the first child goes through.\n", output, Ordinal);
    }

    [Fact]
    public async Task Blkverify_without_children_is_refused_with_their_option_where_there_are_not_two_nodes()
    {
        _service.On("query-cluster", "{'nodes':[{'name':'a'},{'name':'b'},{'name':'c'}]}");

        (int exitCode, _, string said) = await _service.RunAsync(
            "volume", "create", "vm1", "--size", "10GiB", "--blkverify");

        Assert.Equal(1, exitCode);
        Assert.Equal(
            "replication: --blkverify compares exactly two children: --children NODE,NODE names them; "
                + "without --children it is all 3\n",
            said);
        Assert.Equal(["query-cluster"], _service.Asked);
    }

    [Fact]
    public async Task Blkverify_with_other_than_two_children_is_a_wrong_command_line()
    {
        (int exitCode, _, string said) = await _service.RunAsync(
            "volume", "create", "vm1", "--size", "10GiB", "--blkverify", "--children", "a,b,c");

        Assert.Equal(2, exitCode);
        Assert.StartsWith(
            "replication: --blkverify compares exactly two children: --children NODE,NODE names them\n",
            said,
            StringComparison.Ordinal);
        Assert.Empty(_service.Asked);
    }

    [Theory]
    [InlineData("down", "waiting for b, which cannot be reached")]
    [InlineData("unknown", "waiting for an answer of b")]
    [InlineData("up", "waiting for the nodes, all of which can be reached")]
    public async Task Create_that_takes_long_says_which_node_it_waits_for(string link, string hint)
    {
        using ManualResetEventSlim isAsked = new();
        _service
            .On("query-cluster", $"{{'nodes':[{{'name':'a','link':'up'}},{{'name':'b','link':'{link}'}},"
                + "{'name':'c','link':'down'}]}")
            .On("volume-create", _ =>
            {
                isAsked.Wait(TimeSpan.FromSeconds(30));
                return System.Text.Json.Nodes.JsonNode.Parse(Volume);
            });
        await using CommandRun run = CommandRun.Start(
            "volume", "create", "vm1", "--size", "1M", "--children", "a,b", "--qmp", _service.Address);

        Assert.Equal($"replication: {hint}", await run.Error.LineAsync(static _ => true));
        isAsked.Set();

        Assert.Equal(0, await run.ExitCode.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Single(run.Error.Lines);
    }

    [Fact]
    public async Task List_shows_bad_blocks_beside_the_condition()
    {
        _service.On("query-volumes", $"[{Volume.Replace("\"bad-bytes\":0", "\"bad-bytes\":8192", Ordinal)}]");

        (_, string output, _) = await _service.RunAsync("volume", "list");

        Assert.Contains("  healthy, 2 blocks bad  ", output, Ordinal);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    [Fact]
    public async Task Create_says_what_was_made_and_how_it_is_attached()
    {
        _service.On("volume-create", Volume);

        (_, string output, _) = await _service.RunAsync("volume", "create", "vm1", "--size", "10GiB");

        Assert.Equal(
            "vm1 is made: 10GiB on node1, node2; 2 equal votes win a read.\n"
                + "NBD clients attach to it by the export name 'vm1'.\n",
            output);
    }

    [Fact]
    public async Task Create_warns_of_ties_where_half_of_the_children_win_a_vote()
    {
        _service.On("volume-create", Volume.Replace(
            "\"vote-threshold\":2", "\"vote-threshold\":1", StringComparison.Ordinal));

        (_, string output, _) = await _service.RunAsync("volume", "create", "vm1", "--size", "10GiB");

        Assert.EndsWith(
            "\nvm1 has 2 children and a threshold of 1: a single replica that lies can win a vote.\n",
            output,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reopen_says_how_the_volume_is_then_and_what_stops_it_again()
    {
        _service.On("volume-reopen", Volume);

        (_, string output, _) = await _service.RunAsync("volume", "reopen", "vm1");

        Assert.Equal(
            "vm1 is healthy.\nA read stops it again where the replicas still differ: write that range anew "
                + "by NBD, with the data that is right, before it is read.\n",
            output);
        Assert.Equal(["volume-reopen {'name':'vm1'}"], _service.Asked);
    }

    [Theory]
    [InlineData("fifo", "false", "the first that can answers a read")]
    [InlineData("quorum", "true", "a read on which they differ stops it")]
    public async Task Create_says_what_answers_a_read(string pattern, string blkverify, string words)
    {
        _service.On("volume-create", Volume
            .Replace("\"quorum\"", $"\"{pattern}\"", StringComparison.Ordinal)
            .Replace("\"blkverify\":false", $"\"blkverify\":{blkverify}", StringComparison.Ordinal));

        (_, string output, _) = await _service.RunAsync("volume", "create", "vm1", "--size", "10GiB");

        Assert.StartsWith(
            $"vm1 is made: 10GiB on node1, node2; {words}.\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("volume", "create", "vm1", "--size", "10GiB")]
    [InlineData("volume", "delete", "vm1", "--yes")]
    [InlineData("volume", "reopen", "vm1")]
    public async Task What_the_service_refuses_is_its_own_text_whole(params string[] command)
    {
        const string Text = "rewrite-corrupted=on cannot be used with blkverify=on";
        _service.Refuse($"volume-{command[1]}", Text);

        (int exitCode, string output, string said) = await _service.RunAsync(command);

        Assert.Equal((1, "", $"replication: {Text}\n"), (exitCode, output, said));
    }

    [Fact]
    public async Task List_has_a_line_a_volume()
    {
        _service.On("query-volumes", $"[{Volume}]");

        (int exitCode, string output, _) = await _service.RunAsync("volume", "list");

        Assert.Equal(0, exitCode);
        Assert.Single(output.Split('\n'), static line => line.Contains(
            "vm1     10GiB  healthy    2 of 2   2 of 2     2          quorum        vm1, vm1-ro (read-only)",
            StringComparison.Ordinal));
    }

    [Fact]
    public async Task List_of_nothing_says_so()
    {
        _service.On("query-volumes", "[]");

        Assert.Equal((0, "There is no volume.\n", ""), await _service.RunAsync("volume", "list"));
    }

    [Fact]
    public async Task Show_has_every_option_and_every_child()
    {
        _service.On("query-volumes", $"[{Volume}]");

        (int exitCode, string output, _) = await _service.RunAsync("volume", "show", "vm1");

        Assert.Equal(0, exitCode);
        Assert.Equal(["query-volumes {'name':'vm1'}"], _service.Asked);
        Assert.All(
            (string[])
            [
                "10GiB (10737418240 bytes)", "rewrite-corrupted  on\n", "blkverify          off\n",
                "export             vm1-ro (read-only)\n", "on-cache-loss      continue\n",
                "\n\nchild       node ", "children.1  node2  synced  open ",
            ],
            wanted => Assert.Contains(wanted, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("query-volumes", "[VOLUME]", "volume", "list")]
    [InlineData("query-volumes", "[VOLUME]", "status")]
    [InlineData("query-volumes", "[VOLUME]", "status", "vm1")]
    [InlineData("volume-create", "VOLUME", "volume", "create", "vm1", "--size", "1M")]
    [InlineData("volume-reopen", "VOLUME", "volume", "reopen", "vm1")]
    [InlineData("volume-delete", "{'left-on':['node2']}", "volume", "delete", "vm1", "--yes")]
    [InlineData("child-add", "{'child':'children.2'}", "child", "add", "vm1", "node3")]
    [InlineData("child-remove", "{}", "child", "remove", "vm1", "children.0")]
    public async Task Json_is_what_the_service_returned_in_one_line(
        string qmp, string returned, params string[] command)
    {
        string json = returned.Replace("VOLUME", Volume, StringComparison.Ordinal);
        _service.On("query-volumes", $"[{Volume}]").On(qmp, json);

        (int exitCode, string output, string said) = await _service.RunAsync([.. command, "--json"]);

        Assert.Equal((0, ""), (exitCode, said));
        Assert.Equal(1, output.Count(static character => character == '\n'));
        using JsonDocument wanted = JsonDocument.Parse(json.Replace('\'', '"'));
        using JsonDocument found = JsonDocument.Parse(output);
        Assert.True(JsonElement.DeepEquals(wanted.RootElement, found.RootElement), output);
    }

    [Fact]
    public async Task Json_of_show_is_the_volume_and_of_child_list_its_children()
    {
        _service.On("query-volumes", $"[{Volume}]");

        (_, string shown, _) = await _service.RunAsync("volume", "show", "vm1", "--json");
        (_, string listed, _) = await _service.RunAsync("child", "list", "vm1", "--json");

        using JsonDocument volume = JsonDocument.Parse(shown);
        using JsonDocument children = JsonDocument.Parse(listed);
        Assert.Equal("vm1", volume.RootElement.GetProperty("name").GetString());
        Assert.Equal("node2", children.RootElement[1].GetProperty("node").GetString());
    }

    [Fact]
    public async Task Delete_of_a_volume_that_is_not_there_says_so_before_it_wants_yes()
    {
        _service.Refuse("query-volumes", "there is no volume 'nope'");

        Assert.Equal(
            (1, "", "replication: there is no volume 'nope'\n"),
            await _service.RunAsync("volume", "delete", "nope"));
    }

    [Fact]
    public async Task List_says_how_many_children_can_be_reached()
    {
        string down = Volume.Replace("\"link\":\"open\"", "\"link\":\"down\"", Ordinal);
        _service.On("query-volumes", $"[{down}]");

        (_, string output, _) = await _service.RunAsync("volume", "list");

        Assert.Contains("  2 of 2   0 of 2  ", output, Ordinal);
    }

    [Fact]
    public async Task Delete_into_a_pipe_wants_yes_and_deletes_nothing_without_it()
    {
        _service.On("query-volumes", $"[{Volume}]");

        (int exitCode, string output, string said) = await _service.RunAsync("volume", "delete", "vm1");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Equal(
            "replication: volume vm1 is not deleted: nobody can be asked here, and --yes was not given\n",
            said);
        Assert.Equal(["query-volumes {'name':'vm1'}"], _service.Asked);
    }

    [Theory]
    [InlineData("y\n", 0)]
    [InlineData("Yes\n", 0)]
    [InlineData("\n", 1)]
    [InlineData("n\n", 1)]
    [InlineData("", 1)]
    public async Task Delete_at_a_terminal_asks_and_takes_only_yes_for_yes(string typed, int exitCode)
    {
        _service.On("query-volumes", $"[{Volume}]").On("volume-delete", "{'left-on':[]}");

        (int ended, _, string said) = await CommandRun.AtTerminalAsync(
            typed, "volume", "delete", "vm1", "--qmp", _service.Address);

        Assert.Equal(exitCode, ended);
        Assert.StartsWith(
            "Delete volume vm1, 10GiB on node1, node2? [y/N] ", said, StringComparison.Ordinal);
        Assert.Equal(exitCode == 0, _service.Asked.Contains("volume-delete {'name':'vm1'}"));
    }

    [Theory]
    [InlineData("false", "")]
    [InlineData("true", "The configuration, or --volume, names vm1: the next start makes it anew, empty.\n")]
    public async Task Delete_names_nodes_not_told_and_says_that_the_volume_comes_back_only_where_it_does(
        string configured, string note)
    {
        _service.On("volume-delete", $"{{'left-on':['node2'],'configured':{configured}}}");

        (int exitCode, string output, _) = await _service.RunAsync("volume", "delete", "vm1", "-y");

        Assert.Equal(0, exitCode);
        Assert.Equal(
            "vm1 is deleted. Its files are in its nodes' trash.\n"
                + "node2 could not be told: its files stay there until the gateway is started again.\n"
                + note,
            output);
    }
}
