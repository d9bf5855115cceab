using System.Net;
using System.Net.Sockets;
using Replication.TestKit;

namespace Replication.Host.Tests.Telemetry;

/// <summary>What a demo and nodes show over HTTP, in this process.</summary>
public sealed class HttpTests : IDisposable
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_demo_counts_what_a_client_does_and_who_lied_about_it()
    {
        await using CommandRun demo = Demo("--http", "127.0.0.1:0");
        string root = await RootAsync(demo);
        string uri = $"nbd+unix:///demo?socket={_folder.File("nbd.sock")}";
        await Tool.RunAsync("qemu-io", "-f", "raw", "-c", "write -P 0x5a 0 64k", "-c", "flush", uri);

        // Another program's: it asks for no lock, and gets at the file behind the service's back.
        string replica = _folder.File("data/node3/volumes/demo/data.raw");
        await Tool.RunAsync("dd", "if=/dev/zero", $"of={replica}", "bs=4k", "count=1", "conv=notrunc");
        await Tool.RunAsync(
            "qemu-io", "-f", "raw", "-d", "unmap", "-c", "read -P 0x5a 0 64k", "-c", "discard 1M 64k", uri);

        string text = await EventuallyAsync(
            root, "replication_child_repairs_total{volume=\"demo\",child=\"children.2\",node=\"node3\"} 1\n");
        string[] expected =
        [
            "replication_requests_total{volume=\"demo\",kind=\"write\",result=\"ok\"} 1\n",
            "replication_requests_total{volume=\"demo\",kind=\"read\",result=\"ok\"} 1\n",
            "replication_requests_total{volume=\"demo\",kind=\"trim\",result=\"ok\"} 1\n",
            "replication_requests_total{volume=\"demo\",kind=\"zero\",result=\"ok\"} 0\n",
            "replication_requests_total{volume=\"demo\",kind=\"read\",result=\"error\"} 0\n",
            "replication_request_bytes_total{volume=\"demo\",kind=\"read\"} 65536\n",
            "replication_request_duration_seconds_count{volume=\"demo\",kind=\"write\"} 1\n",
            "replication_volume_condition{volume=\"demo\",condition=\"healthy\"} 1\n",
            "replication_child_votes_lost_total{volume=\"demo\",child=\"children.2\",node=\"node3\"} 1\n",
            "replication_child_votes_lost_total{volume=\"demo\",child=\"children.0\",node=\"node1\"} 0\n",
            "replication_events_total{event=\"QUORUM_REPORT_BAD\"} 1\n",
            "replication_store_up 1\n",
            "replication_nbd_connections_accepted_total 2\n",
            "replication_nbd_requests_total{command=\"trim\"} 1\n",
            "replication_replica_requests_total{node=\"node1\",volume=\"demo\",operation=\"write\","
                + "result=\"ok\"} 1\n",
            "replication_replica_hot_zones{node=\"node2\",volume=\"demo\"} ",
            "replication_disk_operations_total{node=\"node1\",kind=\"punch-hole\",result=\"ok\"} 1\n",
            "replication_disk_bytes_total{node=\"node1\",kind=\"punch-hole\"} 65536\n",
            "replication_disk_queue_length{node=\"node1\",lane=\"slow\"} 0\n",
            "replication_mailbox_length{node=\"gateway\",actor=\"gateway\",volume=\"\"} ",
            "replication_mailbox_length{node=\"gateway\",actor=\"volume\",volume=\"demo\"} ",
            "replication_mailbox_length{node=\"node1\",actor=\"storage\",volume=\"\"} ",
            "replication_mailbox_length{node=\"node1\",actor=\"replica\",volume=\"demo\"} ",
            "replication_link_queued_frames{node=\"gateway\",peer=\"node1\"} ",
            "replication_link_queued_bytes{node=\"node1\",peer=\"gateway\"} ",
            "replication_nbd_in_flight_max_bytes ",
            "replication_requests_waiting_for_lock{volume=\"demo\"} 0\n",
            "replication_build_info{version=\"0.1.0\",node=\"gateway\"} 1\n",
            "replication_collect_failures_total{source=\"volumes\"} 0\n",
        ];
        Assert.All(expected, line => Assert.Contains(line, text, Ordinal));
        Assert.DoesNotContain("kind=\"sync\",result=\"ok\"} 0\n", text, Ordinal);
        Assert.Equal("", await Promtool.CheckAsync(text));
        Assert.Equal("{\"ready\":true,\"reasons\":[]}\n", await _client.GetStringAsync(root + "/readyz"));
        Assert.Equal(0, await demo.StopAsync());
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.GetStringAsync(root + "/healthz"));
    }

    [Fact]
    public async Task A_demo_takes_the_next_port_when_nobody_said_which_and_refuses_when_somebody_did()
    {
        using TcpListener taken = new(IPAddress.Loopback, 8080);
        try
        {
            taken.Start();
        }
        catch (SocketException)
        {
            // Somebody else has it, which is as good.
        }

        await using (CommandRun demo = Demo())
        {
            string root = await RootAsync(demo);
            Assert.StartsWith("http://127.0.0.1:", root, Ordinal);
            Assert.NotEqual("http://127.0.0.1:8080", root);
            Assert.Equal("ok\n", await _client.GetStringAsync(root + "/healthz"));
        }

        // A port that stays taken: whoever else had the first one may be gone by now.
        using TcpListener held = new(IPAddress.Loopback, 0);
        held.Start();
        await using CommandRun refused = Demo("--http", $"{held.LocalEndpoint}");
        Assert.Equal(1, await refused.ExitCode.WaitAsync(Patience));
        Assert.StartsWith(
            $"replication: --http: {held.LocalEndpoint} is taken by another process",
            refused.Error.Text,
            Ordinal);
    }

    [Fact]
    public async Task A_demo_without_HTTP_says_nothing_of_it()
    {
        await using CommandRun demo = Demo("--http", "off");

        await demo.Out.LineAsync(static line => line.StartsWith("Events, ", Ordinal));

        Assert.DoesNotContain("metrics http", demo.Out.Text, Ordinal);
    }

    [Theory]
    [InlineData("unix:/tmp/http.sock", "HTTP is served on HOST:PORT, not on a unix socket")]
    [InlineData("0.0.0.0:8080", "0.0.0.0:8080 can be reached from other machines, which needs TLS")]
    [InlineData("8080", "'8080' is neither HOST:PORT nor unix:PATH")]
    public async Task Another_address_than_a_loopback_one_is_refused(string address, string sentence)
    {
        (int exitCode, _, string said) =
            await CommandRun.RunAsync("demo", "--data", _folder.File("data"), "--http", address);

        Assert.Equal(2, exitCode);
        Assert.Contains($"--http: {sentence}", said, Ordinal);
    }

    [Fact]
    public async Task Nodes_serve_HTTP_where_the_configuration_says_and_are_ready_once_their_volumes_serve()
    {
        string file = _folder.File("c.hocon");
        await File.WriteAllTextAsync(
            file,
            """
            replication {
              nodes {
                a { listen = "unix:a.sock", http = "127.0.0.1:0" }
                gate { roles = [gateway] }
              }
              nbd.listen = "127.0.0.1:0", http.listen = off
              volumes { vm { size = 1 MiB, threshold = 1 } }
            }
            """);
        string[] gatewayArguments =
            ["node", "--config", file, "--name", "gate", "--set", "http.listen=127.0.0.1:0"];
        await using (CommandRun.Start("node", "--config", file, "--name", "a"))
        await using (CommandRun first = CommandRun.Start(gatewayArguments))
        {
            await first.Out.LineAsync(static line => line.StartsWith("ready ", Ordinal));
        }

        await using CommandRun gateway = CommandRun.Start(gatewayArguments);
        string gate = await LoggedRootAsync("gate", run: 2);

        using (HttpResponseMessage early = await _client.GetAsync(gate + "/readyz"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, early.StatusCode);
            string why = await early.Content.ReadAsStringAsync();
            Assert.StartsWith("{\"ready\":false,\"reasons\":[\"", why, Ordinal);
        }

        await using CommandRun storage = CommandRun.Start("node", "--config", file, "--name", "a");
        await gateway.Out.LineAsync(static line => line.StartsWith("ready ", Ordinal));
        await EventuallyAsync(gate, "replication_volume_condition{volume=\"vm\",condition=\"healthy\"} 1\n");
        Assert.Equal("{\"ready\":true,\"reasons\":[]}\n", await _client.GetStringAsync(gate + "/readyz"));

        string root = await LoggedRootAsync("a", run: 2);
        string text = await _client.GetStringAsync(root + "/metrics");
        Assert.Contains("replication_replica_hot_zones{node=\"a\",volume=\"vm\"} ", text, Ordinal);
        Assert.Contains("replication_build_info{version=\"0.1.0\",node=\"a\"} 1\n", text, Ordinal);
        Assert.DoesNotContain("replication_volume_condition", text, Ordinal);
        Assert.Equal("", await Promtool.CheckAsync(text));
        Assert.Equal("{\"ready\":true,\"reasons\":[]}\n", await _client.GetStringAsync(root + "/readyz"));

        Assert.Equal(0, await storage.StopAsync());
        await EventuallyAsync(
            gate, "replication_child_open{volume=\"vm\",child=\"children.0\",node=\"a\"} 0\n");
        using HttpResponseMessage late = await _client.GetAsync(gate + "/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, late.StatusCode);
        Assert.Contains("volume vm is suspended", await late.Content.ReadAsStringAsync(), Ordinal);
    }

    [Fact]
    public async Task A_gateway_is_not_ready_while_a_volume_of_its_configuration_is_not_made_yet()
    {
        string file = _folder.File("c.hocon");
        await File.WriteAllTextAsync(
            file,
            """
            replication {
              nodes { a { listen = "unix:a.sock" }, gate { roles = [gateway], http = "127.0.0.1:0" } }
              gateway.child-timeout = 1 m, nbd { listen = "127.0.0.1:0", drain-timeout = 1 m }
              volumes { vm { size = 1 MiB, threshold = 1 } }
            }
            """);

        await using CommandRun gateway = CommandRun.Start("node", "--config", file, "--name", "gate");
        string root = await LoggedRootAsync("gate", run: 1);

        await EventuallyAsync(
            root,
            "{\"ready\":false,\"reasons\":[\"volume vm has not been opened yet\"]}\n",
            path: "/readyz");
        Assert.Equal("ok\n", await _client.GetStringAsync(root + "/healthz"));
    }

    [Fact]
    public async Task A_node_sends_by_OTLP_where_the_configuration_says()
    {
        await using OtlpReceiver receiver = new();
        string file = _folder.File("c.hocon");
        await File.WriteAllTextAsync(
            file, "replication { nodes { a { listen = \"unix:a.sock\" } }, otlp.interval = 100 ms }");

        await using CommandRun storage = CommandRun.Start(
            "node", "--config", file, "--name", "a", "--set", $"otlp.endpoint={receiver.Endpoint}");

        Assert.Equal("/v1/metrics", (await receiver.NextAsync()).Path);
        Assert.Equal(0, await storage.StopAsync());
        Assert.Empty(storage.Error.Text);
    }

    private static async Task<string> RootAsync(CommandRun demo)
    {
        string line = await demo.Out.LineAsync(static line => line.StartsWith("metrics http", Ordinal));
        return line["metrics ".Length..^"/metrics".Length];
    }

    private CommandRun Demo(params string[] more) => CommandRun.Start(
    [
        "demo", "--data", _folder.File("data"), "--nbd", $"unix:{_folder.File("nbd.sock")}",
        "--size", "16MiB", .. more,
    ]);

    /// <summary>The address that a node's log names for its first, second, ... run.</summary>
    private async Task<string> LoggedRootAsync(string node, int run)
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            string log = _folder.File($"{node}/log");
            string[] lines = File.Exists(log) ? await ReadSharedAsync(log) : [];
            string? line = lines.Where(static line => line.Contains("http: listens on ", Ordinal))
                .ElementAtOrDefault(run - 1);
            if (line is not null)
            {
                return "http://" + line[(line.LastIndexOf(' ') + 1)..];
            }

            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task<string[]> ReadSharedAsync(string path)
    {
        await using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(file);
        return (await reader.ReadToEndAsync()).Split('\n');
    }

    private async Task<string> EventuallyAsync(string root, string line, string path = "/metrics")
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            using HttpResponseMessage response = await _client.GetAsync(root + path, patience.Token);
            string text = await response.Content.ReadAsStringAsync(patience.Token);
            if (text.Contains(line, Ordinal))
            {
                return text;
            }

            await Task.Yield();
        }
    }
}
