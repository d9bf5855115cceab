using System.Net.Sockets;
using System.Text.Json;
using Replication.Gateway.Listening;
using Replication.Gateway.Qmp.Client;

namespace Replication.Host.Tests.Demo;

/// <summary>The demo as a whole, in this process: start, ask, stop, start again.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_prints_where_the_volume_is_then_three_things_to_try()
    {
        await using CommandRun demo = Start();

        string ready = await demo.Out.LineAsync(IsReady);

        Assert.Equal($"ready nbd+unix:///demo?socket={NbdSocket}", ready);
        await demo.Out.LineAsync(static line => line.StartsWith("Events, ", StringComparison.Ordinal));
        Assert.Equal(3, demo.Out.Lines.Count(
            static line => line.StartsWith("  ", StringComparison.Ordinal) && line[2] != ' '));
        Assert.Contains(
            demo.Out.Lines,
            static line => line.EndsWith(
                "'    # outvoted and repaired: see below", StringComparison.Ordinal));
        Assert.Equal(0, await demo.StopAsync());
        Assert.Empty(demo.Error.Text);
        Assert.False(File.Exists(NbdSocket));
        Assert.False(File.Exists(QmpSocket));
    }

    [Fact]
    public async Task It_warns_of_ties_in_the_words_of_status()
    {
        await using CommandRun demo = CommandRun.Start(
            "demo", "--data", Data, "--nbd", $"unix:{NbdSocket}", "--http", "off", "--size", "16M",
            "--nodes", "2", "--threshold", "1");
        await demo.Out.LineAsync(static line => line.StartsWith("Events, ", StringComparison.Ordinal));

        (_, string status, _) = await CommandRun.RunAsync("status", "--qmp", QmpSocket);

        const string Tie =
            "demo has 2 children and a threshold of 1: a single replica that lies can win a vote.";
        Assert.Equal($"replication: {Tie}\n", demo.Error.Text);
        Assert.Contains(
            demo.Out.Lines,
            static line => line.EndsWith(
                "'    # either may be believed: one vote against one", StringComparison.Ordinal));
        Assert.Contains(Tie, status.Split('\n'));
    }

    [Fact]
    public async Task Its_own_volume_comes_back_empty_after_a_delete_and_another_does_not()
    {
        await using CommandRun demo = await StartReadyAsync();
        await CommandRun.RunAsync("volume", "create", "other", "--size", "1MiB", "--qmp", QmpSocket);

        (_, string own, _) = await CommandRun.RunAsync(
            "volume", "delete", "demo", "--yes", "--qmp", QmpSocket);
        (_, string other, _) = await CommandRun.RunAsync(
            "volume", "delete", "other", "--yes", "--qmp", QmpSocket);

        Assert.Equal(
            "demo is deleted. Its files are in its nodes' trash.\n"
                + "The configuration, or --volume, names demo: the next start makes it anew, empty.\n",
            own);
        Assert.Equal("other is deleted. Its files are in its nodes' trash.\n", other);
    }

    [Theory]
    [InlineData("/proc/foo", "/proc takes no new folder")]
    [InlineData("/proc/version", "there is a file of that name")]
    [InlineData("/proc/version/foo", "/proc/version is no folder")]
    public async Task A_folder_that_cannot_be_made_is_said_in_a_sentence(string folder, string why)
    {
        Assert.Equal(
            (1, "", $"replication: the folder {folder} cannot be made: {why}\n"),
            await CommandRun.RunAsync("demo", "--data", folder, "--http", "off"));
    }

    [Fact]
    public async Task Status_and_events_are_answered_over_its_QMP()
    {
        await using CommandRun demo = await StartReadyAsync();

        (int statusCode, string status, _) = await CommandRun.RunAsync("status", "--qmp", QmpSocket);
        (int jsonCode, string json, _) = await CommandRun.RunAsync("--json", "--qmp", QmpSocket, "status");
        (int eventsCode, string events, _) =
            await CommandRun.RunAsync("events", "--qmp", QmpSocket, "--json");

        Assert.Equal((0, 0, 0), (statusCode, jsonCode, eventsCode));
        Assert.StartsWith("demo is healthy.", status, StringComparison.Ordinal);
        using JsonDocument volumes = JsonDocument.Parse(json);
        JsonElement volume = Assert.Single(volumes.RootElement.EnumerateArray());
        Assert.Equal(16L << 20, volume.GetProperty("size").GetInt64());
        Assert.Equal(2, volume.GetProperty("vote-threshold").GetInt32());
        Assert.True(volume.GetProperty("rewrite-corrupted").GetBoolean());
        Assert.All(
            volume.GetProperty("children").EnumerateArray(),
            static child => Assert.Equal("synced", child.GetProperty("state").GetString()));
        foreach (string line in events.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using JsonDocument happened = JsonDocument.Parse(line);
            Assert.True(happened.RootElement.TryGetProperty("event", out _));
        }
    }

    [Fact]
    public async Task Each_node_keeps_a_plain_file_of_the_volumes_size()
    {
        await using CommandRun demo = await StartReadyAsync();

        for (int node = 1; node <= 3; node++)
        {
            FileInfo replica = new(Path.Combine(Data, $"node{node}", "volumes", "demo", "data.raw"));
            Assert.Equal(16L << 20, replica.Length);
        }
    }

    [Fact]
    public async Task Started_again_it_goes_on_with_what_is_there()
    {
        await using (CommandRun first = await StartReadyAsync())
        {
            Assert.Equal(0, await first.StopAsync());
        }

        await using CommandRun second = CommandRun.Start(
            "demo", "--data", Data, "--nbd", $"unix:{NbdSocket}", "--size", "16M", "--nodes", "3");
        await second.Out.LineAsync(IsReady);
        (_, string json, _) = await CommandRun.RunAsync("status", "--json", "--qmp", QmpSocket);

        using JsonDocument volumes = JsonDocument.Parse(json);
        Assert.Equal(2, Assert.Single(volumes.RootElement.EnumerateArray()).GetProperty("epoch").GetInt32());
    }

    [Theory]
    [InlineData("--size", "32MiB", "16MiB")]
    [InlineData("--threshold", "3", "2")]
    [InlineData("--rewrite-corrupted", "off", "on")]
    [InlineData("--digest", "sha256", "xxh128")]
    [InlineData("--nodes", "5", "3")]
    public async Task Options_that_contradict_what_is_there_are_refused_with_both_values(
        string option, string asked, string actual)
    {
        await using (await StartReadyAsync())
        {
            // Made and closed.
        }

        (int exitCode, _, string said) = await CommandRun.RunAsync(
            "demo", "--data", Data, "--nbd", $"unix:{NbdSocket}", option, asked);

        Assert.Equal(1, exitCode);
        Assert.StartsWith(
            $"replication: {option} {asked} contradicts volume demo, which has {actual}:",
            said,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_that_were_refused_leave_no_trace()
    {
        await using (await StartReadyAsync())
        {
            // Made and closed.
        }

        (int exitCode, _, _) = await CommandRun.RunAsync(
            "demo", "--data", Data, "--nbd", $"unix:{NbdSocket}", "--nodes", "5");

        Assert.Equal(1, exitCode);
        Assert.False(Directory.Exists(Path.Combine(Data, "node4")));
    }

    [Fact]
    public async Task A_node_whose_folder_was_lost_is_still_a_node()
    {
        await using (await StartReadyAsync())
        {
            // Made and closed.
        }

        Directory.Delete(Path.Combine(Data, "node3"), recursive: true);

        await using CommandRun demo = await StartReadyAsync();

        await demo.Out.LineAsync(static line => line.Contains(
            "demo-node3 (children.2) is now stale", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_is_not_ready_while_too_few_children_can_serve()
    {
        await using (await StartReadyAsync())
        {
            // Made and closed.
        }

        Directory.Delete(Path.Combine(Data, "node1"), recursive: true);
        Directory.Delete(Path.Combine(Data, "node2"), recursive: true);
        await using CommandRun demo = Start();

        string said = await demo.Error.LineAsync(static _ => true);

        Assert.StartsWith(
            "replication: demo is not ready, it is suspended: ", said, StringComparison.Ordinal);
        Assert.EndsWith(". The line 'ready' comes once it serves", said, StringComparison.Ordinal);
        Assert.Empty(demo.Out.Text);
        Assert.Equal(0, await demo.StopAsync());
    }

    [Fact]
    public async Task A_clean_end_is_said_in_the_last_line()
    {
        CommandRun demo = await StartReadyAsync();

        Assert.Equal(0, await demo.StopAsync());

        Assert.Equal("stopped", demo.Out.Lines[^1]);
    }

    [Fact]
    public async Task The_log_has_the_events_too()
    {
        await using (CommandRun demo = await StartReadyAsync())
        {
            await demo.Out.LineAsync(
                static line => line.Contains("is now healthy", StringComparison.Ordinal));
        }

        Assert.Contains(
            "INFO  gateway events: demo is now healthy: every child is in sync",
            await File.ReadAllTextAsync(Path.Combine(Data, "gateway", "log")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_process_on_the_same_data_is_refused()
    {
        await using CommandRun demo = await StartReadyAsync();

        (int exitCode, _, string said) = await CommandRun.RunAsync("demo", "--data", Data);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            $"replication: another process runs on {Data}: "
                + "stop it first, or choose another folder with --data\n",
            said);
    }

    [Fact]
    public async Task A_damaged_store_is_refused_with_its_place_and_left_as_it_is()
    {
        await using (await StartReadyAsync())
        {
            // Made and closed.
        }

        string journal = Path.Combine(Data, "gateway", "store", "store.journal");
        byte[] damaged = File.ReadAllBytes(journal);
        damaged[100] ^= 1;
        File.WriteAllBytes(journal, damaged);

        (int exitCode, string output, string said) =
            await CommandRun.RunAsync("demo", "--data", Data, "--nbd", $"unix:{NbdSocket}");

        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.StartsWith($"replication: {Path.GetDirectoryName(journal)}: ", said, StringComparison.Ordinal);
        Assert.Contains("damaged", said, StringComparison.Ordinal);
        Assert.Equal(damaged, File.ReadAllBytes(journal));
    }

    [Fact]
    public async Task A_threshold_that_the_nodes_cannot_reach_is_refused()
    {
        (int exitCode, _, string said) = await CommandRun.RunAsync(
            "demo", "--data", Data, "--nbd", $"unix:{NbdSocket}", "--nodes", "2", "--threshold", "3");

        Assert.Equal(1, exitCode);
        Assert.Equal("replication: --threshold 3 cannot be reached by 2 nodes: it is 1 to 2\n", said);
        Assert.False(Directory.Exists(Path.Combine(Data, "node1")));
    }

    [Fact]
    public async Task An_address_that_is_taken_is_refused_and_everything_is_closed_again()
    {
        Directory.CreateDirectory(Data);
        using Socket taken = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        taken.Bind(new UnixDomainSocketEndPoint(NbdSocket));
        taken.Listen();

        (int exitCode, _, string said) = await CommandRun.RunAsync(
            "demo", "--data", Data, "--nbd", $"unix:{NbdSocket}");

        Assert.Equal(1, exitCode);
        Assert.Equal($"replication: --nbd: another process listens on unix:{NbdSocket}\n", said);
        Assert.False(File.Exists(QmpSocket));
    }

    [Fact]
    public async Task Events_are_followed_as_they_happen()
    {
        await using CommandRun demo = await StartReadyAsync();
        await using CommandRun following = CommandRun.Start("events", "--follow", "--qmp", QmpSocket);
        await following.Out.LineAsync(
            static line => line.Contains("demo is now healthy", StringComparison.Ordinal));
        using QmpClient client = await QmpClient.ConnectAsync(
            ListenAddress.Parse($"unix:{QmpSocket}"), CancellationToken.None);

        await client.ExecuteAsync(
            "volume-create", new() { ["name"] = "second", ["size"] = 1 << 20 }, CancellationToken.None);

        await following.Out.LineAsync(
            static line => line.Contains("second is now healthy", StringComparison.Ordinal));
        await demo.Out.LineAsync(
            static line => line.Contains("second is now healthy", StringComparison.Ordinal));
        Assert.Equal(0, await following.StopAsync());
        Assert.True(File.Exists(Path.Combine(Data, "node1", "volumes", "second", "data.raw")));
    }

    [Fact]
    public async Task Quit_over_QMP_ends_it_as_a_signal_does()
    {
        await using CommandRun demo = await StartReadyAsync();
        using Socket client = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(QmpSocket));

        client.Send("{\"execute\":\"qmp_capabilities\"}{\"execute\":\"quit\"}"u8);

        Assert.Equal(0, await demo.ExitCode.WaitAsync(TimeSpan.FromSeconds(60)));
    }

    private string Data => _folder.File("data");

    private string NbdSocket => _folder.File("nbd.sock");

    private string QmpSocket => Path.Combine(Data, "qmp.sock");

    private static bool IsReady(string line) => line.StartsWith("ready ", StringComparison.Ordinal);

    private CommandRun Start() =>
        CommandRun.Start("demo", "--data", Data, "--nbd", $"unix:{NbdSocket}", "--size", "16MiB");

    private async Task<CommandRun> StartReadyAsync()
    {
        CommandRun demo = Start();
        Task<string> ready = demo.Out.LineAsync(IsReady);
        Assert.True(
            await Task.WhenAny(ready, demo.ExitCode) == ready,
            $"the demo ended before it was ready: {demo.Error.Text}");
        return demo;
    }
}
