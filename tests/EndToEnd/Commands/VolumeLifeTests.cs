using System.Text.Json;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Commands;

/// <summary>
/// What somebody does who has read the README and --help: a volume's life from the shell, on separate
/// processes.
/// </summary>
public sealed class VolumeLifeTests
{
    [Fact]
    public void A_volume_is_made_broken_repaired_given_a_child_relieved_of_one_and_deleted()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up("--size", "8MiB", "--nodes", "4");
        var uri = nodes.Uri.Replace("/demo?", "/vm1?", StringComparison.Ordinal);

        var made = nodes.Command("volume", "create", "vm1", "--size", "16MiB", "--children",
            "node1,node2,node3").Succeeded().Output;
        Assert.Contains("vm1 is made: 16MiB on node1, node2, node3; 2 equal votes win", made, Ordinal);
        Assert.Matches(@"(?m)^vm1 +16MiB +healthy +", nodes.Command("volume", "list").Succeeded().Output);
        Assert.True(Volume(nodes).GetProperty("rewrite-corrupted").GetBoolean());

        Tool.QemuIo(uri, "write -P 0x5a 0 1M", "flush").Succeeded();
        Replicas.Corrupt(ReplicaFile(nodes, 3), 0, 4096, 0xee);
        Tool.QemuIo(uri, "read -P 0x5a 0 1M").Succeeded();
        Eventually.True(
            () => nodes.Command("status", "vm1").Output.Contains("1 range of it rewritten", Ordinal),
            () => nodes.Command("status", "vm1").Output);
        Tool.Run("cmp", ReplicaFile(nodes, 1), ReplicaFile(nodes, 3)).Succeeded();

        nodes.Command("child", "add", "vm1", "node4").Succeeded();
        AwaitHealthy(nodes);
        Tool.Run("cmp", ReplicaFile(nodes, 1), ReplicaFile(nodes, 4)).Succeeded();
        nodes.Command("child", "remove", "vm1", "node1").Succeeded();
        Assert.Equal(
            ["node2", "node3", "node4"],
            Volume(nodes).GetProperty("children").EnumerateArray().Select(
                child => child.GetProperty("node").GetString()));
        Tool.QemuIo(uri, "read -P 0x5a 0 1M").Succeeded();

        var refused = nodes.Command("volume", "delete", "vm1");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--yes was not given", refused.Error, Ordinal);
        nodes.Command("volume", "delete", "vm1", "--yes").Succeeded();
        Assert.DoesNotContain("vm1", nodes.Command("volume", "list").Succeeded().Output, Ordinal);
        Assert.False(File.Exists(ReplicaFile(nodes, 2)));
        Assert.NotEqual(0, Tool.QemuIo(uri, "read 0 4k").ExitCode);
        Assert.Contains("demo is healthy.", nodes.Command("status").Succeeded().Output, Ordinal);
    }

    [Fact]
    public void Status_says_what_is_wrong_and_done_about_it_and_watch_tells_it_as_it_changes()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up("--size", "16MiB");
        using var watch = new Watch(nodes);
        watch.Await("demo is healthy.");

        nodes.Crash("node2");
        Tool.QemuIo(nodes.Uri, "write -P 0x5a 0 1M").Succeeded();
        watch.Await("demo is degraded since ");
        watch.Await("and resynced once it can be reached.");
        var status = nodes.Command("status", "demo").Succeeded().Output;
        Assert.Matches(
            @"(?m)^demo-node2 \(children\.1\) is stale since 20\S+Z: .*It does not vote; ", status);
        nodes.Up();

        watch.Await("demo-node2 (children.1) is in sync and votes.");
        AwaitHealthy(nodes, "demo");
    }

    [Fact]
    public void Bash_completes_commands_options_and_the_names_of_the_running_service()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        var qmp = $"unix:{demo.QmpPath}";

        Assert.Equal(["status"], Completed(scratch, "replication st"));
        Assert.Equal(["--digest", "--durability"], Completed(scratch, "replication volume create a --d"));
        Assert.Equal(["demo"], Completed(scratch, $"replication --qmp {qmp} status "));
        Assert.Equal(
            ["children.0", "children.1", "children.2"],
            Completed(scratch, $"replication --qmp {qmp} child remove demo ch"));
        Assert.Equal(
            ["node1,node2", "node1,node3"],
            Completed(scratch, $"replication --qmp {qmp} volume create a --children node1,"));
        Assert.Equal(["sha256"], Completed(scratch, "replication volume create a --digest=s"));
    }

    [Fact]
    public void Qmp_answers_commands_of_the_standard_input_one_after_the_other()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        var answers = Tool.Run(
            "bash", "-c",
            "printf '{\"execute\":\"query-version\"}\\n{\"execute\":\"query-volumes\",\"id\":7}\\n' | "
                + $"dotnet '{Executable.Path}' qmp --qmp 'unix:{demo.QmpPath}'").Succeeded().Output;

        var lines = answers.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.StartsWith("{\"return\"", Ordinal)).ToArray();
        Assert.Equal(2, lines.Length);
        Assert.Contains("Replication", lines[0], Ordinal);
        Assert.Contains("\"id\":7", lines[1].Replace(" ", "", Ordinal), Ordinal);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static JsonElement Volume(LocalNodes nodes)
    {
        using var document = JsonDocument.Parse(
            nodes.Command("volume", "show", "vm1", "--json").Succeeded().Output);
        return document.RootElement.Clone();
    }

    private static string ReplicaFile(LocalNodes nodes, int node) =>
        Path.Combine(nodes.Folder, $"node{node}", "volumes", "vm1", "data.raw");

    private static void AwaitHealthy(LocalNodes nodes, string volume = "vm1") => Eventually.True(
        () => nodes.Command("status", volume).Output.StartsWith($"{volume} is healthy.", Ordinal),
        () => nodes.Command("status", volume).Output);

    /// <summary>What bash would offer at the end of a line, by the script that the program prints.</summary>
    private static string[] Completed(Scratch scratch, string line)
    {
        var script = scratch.File("completion.bash");
        File.WriteAllText(script, DemoProcess.Replication("completion", "bash").Succeeded().Output);
        return Tool.Run(
            "bash", "--norc", "-c",
            "source \"$1\"; COMP_LINE=$2; COMP_POINT=${#2}; _replication; printf '%s\\n' \"${COMPREPLY[@]}\"",
            "bash", script, line).Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
