using System.Net;
using System.Net.Sockets;

namespace Replication.Host.Tests.Nodes;

/// <summary><c>node</c> in this process: what it prints, and what it refuses.</summary>
public sealed class NodeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Storage_and_gateway_are_ready_and_stop_when_told()
    {
        string file = Configure("volumes { vm { size = 1 MiB, threshold = 1 } }");
        await using CommandRun storage = CommandRun.Start("node", "--config", file, "--name", "a");
        Assert.Equal($"ready unix:{_folder.File("a.sock")}", await storage.Out.LineAsync(IsReady));

        await using CommandRun gateway = CommandRun.Start("node", "--config", file, "--name", "gate");
        Assert.StartsWith("ready nbd://127.0.0.1:", await gateway.Out.LineAsync(IsReady), Ordinal);
        (int exitCode, string status, _) =
            await CommandRun.RunAsync("status", "--qmp", $"unix:{_folder.File("qmp.sock")}");

        Assert.Equal(0, exitCode);
        Assert.StartsWith("vm is healthy.", status, Ordinal);
        Assert.Equal(0, await gateway.StopAsync());
        Assert.Equal(0, await storage.StopAsync());
        Assert.True(File.Exists(_folder.File("a/volumes/vm/data.raw")));
        Assert.True(File.Exists(_folder.File("a/log")));
    }

    [Fact]
    public async Task One_node_may_have_both_roles()
    {
        string file = Configure("nodes.a.roles = [storage, gateway], nodes.gate.roles = [storage]\n"
            + "nodes.gate.listen = \"unix:g.sock\", volumes { vm { size = 1 MiB, children = [a] } }");

        await using CommandRun both = CommandRun.Start("node", "--config", file, "--name", "a");

        Assert.StartsWith("ready nbd://127.0.0.1:", await both.Out.LineAsync(IsReady), Ordinal);
        Assert.Equal(0, await both.StopAsync());
    }

    [Fact]
    public async Task A_second_process_on_the_same_folder_is_refused()
    {
        string file = Configure("");
        await using CommandRun first = CommandRun.Start("node", "--config", file, "--name", "a");
        await first.Out.LineAsync(IsReady);

        (int exitCode, _, string said) = await CommandRun.RunAsync("node", "--config", file, "--name", "a");

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"replication: another process runs on {_folder.File("a")}", said, Ordinal);
    }

    [Theory]
    [InlineData("b", "", 2, "it has no node 'b'; its nodes are a, gate")]
    [InlineData("gat", "", 2, "it has no node 'gat'; its nodes are a, gate")]
    [InlineData("a", "gateway.child-timeout = 5", 2, "c.hocon:4:25: gateway.child-timeout: '5' is no number")]
    public async Task What_is_wrong_is_one_sentence(string name, string more, int expected, string sentence)
    {
        (int exitCode, string output, string said) =
            await CommandRun.RunAsync("node", "--config", Configure(more), "--name", name);

        Assert.Equal(expected, exitCode);
        Assert.Empty(output);
        Assert.Contains(sentence, said, Ordinal);
        Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("nbd.listen")]
    [InlineData("qmp.listen")]
    [InlineData("nodes.gate.http")]
    [InlineData("http.listen")]
    public async Task An_address_that_is_taken_is_said_with_its_setting(string setting)
    {
        using Socket taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        string file = Configure($"{setting} = \"{taken.LocalEndPoint}\"");

        (int exitCode, _, string said) =
            await CommandRun.RunAsync("node", "--config", file, "--name", "gate");

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"replication: {setting}: ", said, Ordinal);
        Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task The_address_of_a_storage_node_that_is_taken_is_said_with_its_setting()
    {
        string file = Configure("nodes.b.listen = \"unix:a.sock\", nodes.a.listen = \"unix:z.sock\"");
        await using CommandRun first = CommandRun.Start("node", "--config", file, "--name", "b");
        await first.Out.LineAsync(IsReady);

        (int exitCode, _, string said) = await CommandRun.RunAsync(
            "node", "--config", file, "--name", "a", "--set", "nodes.b.listen=\"unix:q.sock\"",
            "--set", "nodes.a.listen=\"unix:a.sock\"");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("replication: nodes.a.listen: ", said, Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_far_from_all_is_answered_with_those_that_there_are()
    {
        (_, _, string node) = await CommandRun.RunAsync(
            "node", "--config", Configure(""), "--name", "something");
        (_, _, string setting) = await CommandRun.RunAsync(
            "node", "--config", Configure("gateway.colour-of-the-sky = 1"), "--name", "a");
        (_, _, string child) = await CommandRun.RunAsync(
            "node", "--config", Configure("volumes.v.children = [somewhere]"), "--name", "a");

        Assert.EndsWith("it has no node 'something'; its nodes are a, gate\n", node, Ordinal);
        Assert.EndsWith(
            "there is no setting 'gateway.colour-of-the-sky'; cluster.hocon has them all\n",
            setting,
            Ordinal);
        Assert.EndsWith("there is no storage node 'somewhere'; there are a\n", child, Ordinal);
    }

    [Fact]
    public async Task Check_reads_the_configuration_and_starts_nothing()
    {
        string file = Configure("volumes { vm { size = 1 MiB } }");

        Assert.Equal(
            (0, $"{file} can be used\n", ""),
            await CommandRun.RunAsync("node", "--config", file, "--name", "gate", "--check"));
        (int exitCode, _, string said) = await CommandRun.RunAsync(
            "node", "--config", file, "--name", "gate", "--check", "--set", "volumes.vm.size=big");

        Assert.Equal(2, exitCode);
        Assert.StartsWith("replication: --set volumes.vm.size=big: ", said, Ordinal);
        Assert.False(Directory.Exists(_folder.File("gate")));
    }

    [Fact]
    public async Task A_file_without_nodes_cannot_be_used()
    {
        string file = _folder.File("empty.hocon");
        File.WriteAllText(file, "");

        (int exitCode, _, string said) =
            await CommandRun.RunAsync("node", "--config", file, "--name", "a", "--check");

        Assert.Equal(
            (2, $"replication: {file}: it has no nodes: nodes {{ a {{ ... }} }} is needed\n"),
            (exitCode, said));
    }

    [Fact]
    public async Task A_volume_of_the_configuration_that_was_deleted_is_said_to_be_made_anew_empty()
    {
        string file = Configure("volumes { vm { size = 1 MiB }, other { size = 1 MiB } }");
        string qmp = $"unix:{_folder.File("qmp.sock")}";
        await using CommandRun storage = CommandRun.Start("node", "--config", file, "--name", "a");
        await storage.Out.LineAsync(IsReady);
        await using (CommandRun gateway = CommandRun.Start("node", "--config", file, "--name", "gate"))
        {
            await gateway.Out.LineAsync(static line => line.EndsWith("/other", Ordinal));
            Assert.Empty(gateway.Error.Text);
            (_, string deleted, _) = await CommandRun.RunAsync(
                "volume", "delete", "vm", "--yes", "--qmp", qmp);
            Assert.EndsWith(
                "\nThe configuration, or --volume, names vm: the next start makes it anew, empty.\n",
                deleted,
                Ordinal);
        }

        await using CommandRun again = CommandRun.Start("node", "--config", file, "--name", "gate");
        await again.Out.LineAsync(static line => line.EndsWith("/other", Ordinal));

        Assert.Equal("replication: volume vm was deleted before: it is made anew, empty\n", again.Error.Text);
    }

    [Fact]
    public async Task It_prints_where_its_numbers_are()
    {
        string file = Configure("nodes.a.http = \"127.0.0.1:0\"");
        await using CommandRun node = CommandRun.Start("node", "--config", file, "--name", "a");
        await node.Out.LineAsync(IsReady);

        Assert.Matches(@"^metrics http://127\.0\.0\.1:\d+/metrics$", node.Out.Lines[0]);
    }

    [Fact]
    public async Task A_threshold_that_lets_a_tie_win_is_warned_of()
    {
        string file = Configure("volumes { vm { size = 1 MiB, threshold = 1 } }\n"
            + "nodes.b.listen = \"unix:b.sock\"");
        await using CommandRun a = CommandRun.Start("node", "--config", file, "--name", "a");
        await using CommandRun b = CommandRun.Start("node", "--config", file, "--name", "b");
        await a.Out.LineAsync(IsReady);
        await b.Out.LineAsync(IsReady);
        await using CommandRun gateway = CommandRun.Start("node", "--config", file, "--name", "gate");

        Assert.Equal(
            "replication: vm has 2 children and a threshold of 1: a single replica that lies can win a vote.",
            await gateway.Error.LineAsync(static _ => true));
    }

    [Fact]
    public async Task A_line_after_ready_says_that_the_volume_is_suspended_and_why()
    {
        string file = Configure("volumes { vm { size = 1 MiB } }\nnodes.b.listen = \"unix:b.sock\"");
        await using CommandRun a = CommandRun.Start("node", "--config", file, "--name", "a");
        await using (CommandRun b = CommandRun.Start("node", "--config", file, "--name", "b"))
        {
            await a.Out.LineAsync(IsReady);
            await b.Out.LineAsync(IsReady);
            await using CommandRun made = CommandRun.Start("node", "--config", file, "--name", "gate");
            await made.Out.LineAsync(IsReady);
            Assert.Equal(0, await made.StopAsync());
            Assert.Single(made.Out.Lines, IsReady);
            Assert.DoesNotContain("suspended", made.Out.Text, Ordinal);
        }

        await using CommandRun gateway = CommandRun.Start("node", "--config", file, "--name", "gate");
        string said = await gateway.Out.LineAsync(static line => line.Contains("suspended", Ordinal));

        Assert.StartsWith("vm does not serve, it is suspended: ", said, Ordinal);
        Assert.Contains("vm-b", said, Ordinal);
        Assert.EndsWith(". 'replication status vm' says what becomes of it", said, Ordinal);
        Assert.True(IsReady(gateway.Out.Lines[^2]), gateway.Out.Text);
        Assert.DoesNotContain("not healthy", gateway.Error.Text, Ordinal);
    }

    [Fact]
    public async Task A_volume_that_is_there_with_another_option_is_refused_with_both_values()
    {
        string file = Configure("volumes { vm { size = 1 MiB } }");
        await using CommandRun storage = CommandRun.Start("node", "--config", file, "--name", "a");
        await storage.Out.LineAsync(IsReady);
        await using (CommandRun gateway = CommandRun.Start("node", "--config", file, "--name", "gate"))
        {
            await gateway.Out.LineAsync(IsReady);
        }

        (int exitCode, _, string said) = await CommandRun.RunAsync(
            "node", "--config", file, "--name", "gate", "--set", "volumes.vm.durability=write");

        Assert.Equal(1, exitCode);
        Assert.StartsWith(
            "replication: volumes.vm.durability write contradicts volume vm, which has flush", said, Ordinal);
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static bool IsReady(string line) => line.StartsWith("ready ", Ordinal);

    private string Configure(string more)
    {
        string file = _folder.File("c.hocon");
        File.WriteAllText(
            file,
            $$"""
            replication {
              nodes { a { listen = "unix:a.sock" }, gate { roles = [gateway] } }
              nbd.listen = "127.0.0.1:0"
            {{more}}
            }
            """);
        return file;
    }
}
