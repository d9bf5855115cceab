using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Separate;

/// <summary>`deploy/local-nodes`: which processes run, and how that is told.</summary>
public sealed class ProcessTests
{
    private static readonly string[] Names = ["node1", "node2", "node3", "gateway"];

    [Fact]
    public void Up_serves_a_volume_from_processes_of_their_own_and_down_ends_them()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);

        var up = nodes.Up("--size", "64MiB", "--nbd", $"unix:{scratch.File("nbd.sock")}");

        Assert.Contains("started node1 node2 node3 gateway", up.Output, StringComparison.Ordinal);
        Assert.Equal($"nbd+unix:///demo?socket={scratch.File("nbd.sock")}", nodes.Uri);
        var processIds = Names.Select(nodes.ProcessId).ToArray();
        Assert.Equal(4, processIds.Distinct().Count());
        Assert.All(
            processIds, static id => Assert.Equal("dotnet", File.ReadAllText($"/proc/{id}/comm").Trim()));
        Tool.QemuIo(nodes.Uri, "write -P 0x5a 0 1M", "flush").Succeeded();
        Assert.Contains("demo is healthy.", nodes.Run("status").Succeeded().Output, StringComparison.Ordinal);

        nodes.Run("down").Succeeded();

        Assert.DoesNotContain(processIds, LocalNodes.Runs);
        Assert.Equal("nothing was running\n", nodes.Run("down").Succeeded().Output);
        Assert.Empty(Directory.GetFiles(nodes.Folder, "*.pid"));
        nodes.AssertIdentical(1, 2, 3);
        Assert.Equal(1, nodes.Run("status").ExitCode);
    }

    [Fact]
    public void Up_again_starts_only_what_is_not_running()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up("--size", "64MiB");
        var before = Names.ToDictionary(static name => name, nodes.ProcessId);
        Assert.Contains("everything was running", nodes.Up().Output, StringComparison.Ordinal);

        nodes.Crash("node2");
        var status = nodes.Run("status");
        Assert.Equal(1, status.ExitCode);
        Assert.Contains("node2    does not run", status.Output, StringComparison.Ordinal);
        Assert.Contains("started node2\n", nodes.Up().Output, StringComparison.Ordinal);

        Assert.Equal(
            ["node2"], Names.Where(name => nodes.ProcessId(name) != before[name]));
    }

    [Fact]
    public void A_process_that_has_the_number_of_a_dead_node_is_not_taken_for_it()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up("--size", "64MiB");
        nodes.Crash("node3");
        File.WriteAllText(Path.Combine(nodes.Folder, "node3.pid"), $"{Environment.ProcessId}\n");

        Assert.Contains("node3    does not run", nodes.Run("status").Output, StringComparison.Ordinal);
        Assert.Contains("started node3\n", nodes.Up().Output, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(nodes.Folder, "node9.pid"), $"{Environment.ProcessId}\n");
        nodes.Run("down").Succeeded();
    }

    [Fact]
    public void A_stopped_node_is_said_to_be_so_and_down_ends_it_too()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up("--size", "64MiB");
        var processId = nodes.ProcessId("node1");
        nodes.Stop("node1");

        var status = nodes.Run("status");
        Assert.Equal(1, status.ExitCode);
        Assert.Contains(
            $"node1    is stopped, process {processId}: 'kill -CONT {processId}' lets it go on",
            status.Output,
            StringComparison.Ordinal);
        nodes.Run("down").Succeeded();

        Assert.False(LocalNodes.Runs(processId));
    }

    [Fact]
    public void The_volume_keeps_its_options_and_a_contradiction_names_both_values()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up("--size", "64MiB", "--threshold", "3", "--durability", "write", "--on-cache-loss", "refuse");
        var volume = nodes.Volume();
        Assert.Equal(3, volume.GetProperty("vote-threshold").GetInt32());
        Assert.Equal("write", volume.GetProperty("durability").GetString());
        Assert.Equal("refuse", volume.GetProperty("on-cache-loss").GetString());

        var running = nodes.Run("up", "--threshold", "2");
        nodes.Run("down").Succeeded();
        var down = nodes.Run("up", "--threshold", "2");

        Assert.Equal((1, 1), (running.ExitCode, down.ExitCode));
        Assert.Contains("the gateway runs with --threshold 3", running.Error, StringComparison.Ordinal);
        Assert.Contains(
            "volumes.demo.threshold 2 contradicts volume demo, which has 3",
            down.Error,
            StringComparison.Ordinal);
        nodes.Up();
    }

    [Fact]
    public void A_wrong_setting_is_said_with_its_place_and_nothing_runs()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);

        var up = nodes.Run("up", "--set", "gateway.child-timout=3 s");

        Assert.Equal(2, up.ExitCode);
        Assert.Equal(
            "local-nodes: there is no setting 'gateway.child-timout'; 'gateway.child-timeout' is the nearest "
                + "('deploy/local-nodes --help' has the options)\n",
            up.Error);
        Assert.Empty(Directory.GetFiles(nodes.Folder, "*.pid"));
        Assert.Empty(Directory.GetDirectories(nodes.Folder));
    }

    [Fact]
    public void A_setting_that_a_start_would_refuse_is_not_kept_and_those_that_are_can_be_cleared()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up("--size", "64MiB", "--set", "gateway.child-timeout=3s");

        var garbage = nodes.Run("up", "--set", "gateway.child-timeout=soon");
        var kept = nodes.Run("settings").Succeeded().Output;
        nodes.Run("settings", "--clear").Succeeded();
        var cleared = nodes.Run("settings").Succeeded().Output;

        Assert.Equal(2, garbage.ExitCode);
        Assert.StartsWith(
            "local-nodes: gateway.child-timeout: 'soon'", garbage.Error, StringComparison.Ordinal);
        Assert.Single(garbage.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.EndsWith("\n--set gateway.child-timeout=3s\n", kept, StringComparison.Ordinal);
        Assert.Equal(kept.Replace("--set gateway.child-timeout=3s\n", "", StringComparison.Ordinal), cleared);
        nodes.Run("down").Succeeded();
        nodes.Up();
    }

    [Fact]
    public void Up_says_ready_of_the_volumes_that_there_are_and_what_it_makes_anew()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up("--size", "64MiB");
        nodes.Command("volume", "create", "vm1", "--size", "16MiB").Succeeded();
        nodes.Command("volume", "delete", "demo", "--yes").Succeeded();

        var running = nodes.Up();
        nodes.Run("down").Succeeded();
        var again = nodes.Up();

        Assert.Equal([$"ready nbd+unix:///vm1?socket={nodes.Folder}/nbd.sock"], Ready(running));
        Assert.Empty(running.Error);
        Assert.Equal(
            [
                $"ready nbd+unix:///demo?socket={nodes.Folder}/nbd.sock",
                $"ready nbd+unix:///vm1?socket={nodes.Folder}/nbd.sock",
            ],
            Ready(again));
        Assert.Equal("replication: volume demo was deleted before: it is made anew, empty\n", again.Error);
        Assert.Empty(nodes.Up().Error);

        static string[] Ready(ToolResult up) => Lines(up.Output, "ready");
    }

    [Fact]
    public void Whatever_lies_in_the_folder_is_in_the_listing_of_the_documents()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up("--size", "16MiB");
        nodes.Command("volume", "create", "vm1", "--size", "16MiB").Succeeded();
        nodes.Command("volume", "delete", "vm1", "--yes").Succeeded();
        var document = File.ReadAllText(Path.Combine(Executable.Repository, "docs", "commands.md"));
        var section = document[document.IndexOf("\n## deploy/local-nodes\n", StringComparison.Ordinal)..];
        var listed = Lines(section, "DIR/");

        var missing = Directory.EnumerateFileSystemEntries(nodes.Folder)
            .Concat(Directory.EnumerateFileSystemEntries(Path.Combine(nodes.Folder, "node1")))
            .Concat(Directory.EnumerateFileSystemEntries(Path.Combine(nodes.Folder, "gateway")))
            .Select(path => Path.GetRelativePath(nodes.Folder, path).Replace("node1", "nodeK"))
            .Where(static name => !name.StartsWith("node", StringComparison.Ordinal) || name[4] == 'K')
            .Where(name => !listed.Any(line => IsIn(line, name)));

        Assert.Empty(missing);

        // A path of its own, or what the line of its folder names.
        static bool IsIn(string line, string name)
        {
            var words = line.Split([' ', ',', ':'], StringSplitOptions.RemoveEmptyEntries);
            var folder = Path.GetDirectoryName(name);
            return words.Any(word => word.TrimEnd('/') == $"DIR/{name}")
                || (folder is not "" && words[0] == $"DIR/{folder}/"
                    && words.Any(word => word.TrimEnd('/') == Path.GetFileName(name)));
        }
    }

    [Fact]
    public void Up_and_status_say_where_the_numbers_of_each_process_are()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);

        var up = nodes.Up("--size", "64MiB").Output;
        var status = nodes.Run("status").Succeeded().Output;

        foreach (var name in Names)
        {
            var address = Assert.Single(Lines(up, $"{name,-8} metrics ")).Split(' ')[^1];
            var line = Assert.Single(Lines(status, $"{name,-8} runs, process "));
            Assert.EndsWith($", metrics {address}", line, StringComparison.Ordinal);
            Assert.Contains(
                "# TYPE replication_",
                Tool.Run("curl", "-sS", address).Succeeded().Output,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_a_node_that_does_not_start_is_said_to_have_left_is_there()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        Directory.CreateDirectory(nodes.Folder);
        File.WriteAllText(Path.Combine(nodes.Folder, "node1"), "no folder");

        var up = nodes.Run("up", "--size", "64MiB");

        Assert.Equal(1, up.ExitCode);
        var said = Assert.Single(Lines(up.Error, "local-nodes: node1 ended before it was ready; see "));
        Assert.True(File.Exists(said.Split(' ')[^1]), up.Error);
        Assert.Single(Lines(up.Error, "ended what was started: node2 node3"));
        Assert.Empty(Directory.GetFiles(nodes.Folder, "*.pid"));
        nodes.Run("down").Succeeded();
    }

    [Theory]
    [InlineData("--nodes", "17", "--nodes: '17' is not a whole number from 1 to 16")]
    [InlineData("--nodes", "0", "--nodes: '0' is not a whole number from 1 to 16")]
    [InlineData("--children", "4", "--children 4: there are 3 nodes")]
    [InlineData("--bogus", "1", "'--bogus' is no option of up")]
    [InlineData("--bogus", null, "'--bogus' is no option of up")]
    [InlineData("bogus", null, "'bogus' is no option of up")]
    [InlineData("--size", null, "--size: a value is missing")]
    [InlineData("--size", "huge", "volumes.demo.size: ")]
    [InlineData("--volume", "bad name", "")]
    [InlineData("--nbd", "10.0.0.1:10809", "")]
    [InlineData("--set", "x", "--set: KEY=VALUE was expected, not 'x'")]
    public void A_wrong_command_line_is_a_sentence(string option, string? value, string sentence)
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);

        var up = nodes.Run("up", value is null ? [option] : [option, value]);

        Assert.Equal(2, up.ExitCode);
        Assert.StartsWith($"local-nodes: {sentence}", up.Error, StringComparison.Ordinal);
        Assert.Single(up.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.False(Directory.Exists(nodes.Folder) && Directory.GetFiles(nodes.Folder, "*.pid").Length > 0);
    }

    [Fact]
    public void A_node_stops_cleanly_on_a_signal_whatever_its_role()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up("--size", "64MiB");
        Tool.QemuIo(nodes.Uri, "write -P 0x5a 0 1M").Succeeded();
        nodes.Run("down").Succeeded();

        nodes.Up();

        Tool.QemuIo(nodes.Uri, "read -P 0x5a 0 1M", "read -P 0 1M 1M").Succeeded();
        Assert.Equal("healthy", nodes.Volume().GetProperty("condition").GetString());
    }

    private static string[] Lines(string text, string start) =>
        [.. text.Split('\n').Where(line => line.StartsWith(start, StringComparison.Ordinal))];
}
