using Replication.Actors.Remoting.InProcess;
using Replication.Cluster.Records;
using Replication.Host.Configuration;
using Replication.Host.Configuration.Settings;

namespace Replication.Host.Tests.Configuration;

public sealed class ConfigurationLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gateway { child-timout = 5 s }", "1:25", "there is no setting 'gateway.child-timout'; "
        + "'gateway.child-timeout' is the nearest")]
    [InlineData("child-timeout = 5 s", "1:15", "there is no setting 'child-timeout'; "
        + "'gateway.child-timeout' is the nearest")]
    [InlineData("gatway { }", "1:15", "there is no setting 'gatway'; 'gateway' is the nearest")]
    [InlineData("gateway = 1", "1:25", "gateway is a section: gateway { ... } would be right")]
    [InlineData("gateway.child-timeout = 5", "1:39", "gateway.child-timeout: '5' is no number with a unit "
        + "(ms, s, m, h); a time from 100 ms to 3600 s, such as 5 s would be right")]
    [InlineData("gateway.child-timeout = 5 ms", "1:39", "gateway.child-timeout: 5 ms is out of range; "
        + "a time from 100 ms to 3600 s, such as 5 s would be right")]
    [InlineData("gateway.child-timeout { }", "1:37", "gateway.child-timeout: this is a section; ")]
    [InlineData("gateway.child-timeout = [1]", "1:39", "gateway.child-timeout: this is a list; ")]
    [InlineData("storage.slow-threads = four", "1:38", "storage.slow-threads: 'four' is no whole number; "
        + "a whole number from 1 to 256 would be right")]
    [InlineData("storage.slow-threads = 0", "1:38", "storage.slow-threads: 0 is out of range; ")]
    [InlineData(
        "remoting.queue-max = 1 GB",
        "1:36",
        "remoting.queue-max: '1GB' could mean powers of 1000 or")]
    [InlineData(
        "volume.size = 1000",
        "1:29",
        "volume.size: 1000 is no volume's size; a multiple of 512 bytes")]
    [InlineData("volume.rewrite-corrupted = maybe", "1:42", "volume.rewrite-corrupted: 'maybe' is neither; "
        + "on or off would be right")]
    [InlineData("volume.durability = never", "1:35", "volume.durability: it cannot be 'never'; "
        + "flush or write would be right")]
    [InlineData("volume.read-pattern = rr", "1:37", "volume.read-pattern: it cannot be 'rr'; "
        + "quorum or fifo would be right")]
    [InlineData(
        "nbd.listen = \"0.0.0.0:1\"",
        "1:28",
        "nbd.listen: 0.0.0.0:1 can be reached from other machines")]
    [InlineData("nodes { a { } }", "1:23", "nodes.a keeps storage and has no address: listen = ")]
    [InlineData("nodes { A { } }", "1:23", "nodes: a name starts with a-z or 0-9, 'A' does not")]
    [InlineData("nodes { a = 1 }", "1:27", "nodes.a is a section: a { ... } would be right")]
    [InlineData(
        "nodes { a { lisen = 1 } }",
        "1:27",
        "there is no setting 'nodes.a.lisen'; 'nodes.a.listen' is")]
    [InlineData("nodes { a { roles = gateway } }", "1:35", "nodes.a.roles: this is no list; a list such as ")]
    [InlineData("nodes { a { roles = [ cook ] } }", "1:35", "nodes.a.roles: it cannot be 'cook'; ")]
    [InlineData(
        "nodes { a { listen = \"tcp:1.2.3.4:1\" } }",
        "1:36",
        "nodes.a.listen: 1.2.3.4:1 can be reached")]
    [InlineData(
        "volumes { v { sise = 1 } }",
        "1:29",
        "there is no setting 'volumes.v.sise'; 'volumes.v.size' is")]
    public void What_is_wrong_is_said_with_its_place_and_what_would_be_right(
        string setting, string place, string sentence)
    {
        string said = Refusal($"replication {{ {setting} }}");

        Assert.StartsWith($"f.hocon:{place}: {sentence}", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_without_a_unit_is_answered_by_one_within_its_range() => Assert.EndsWith(
        "gateway.child-timeout: '1' is no number with a unit (ms, s, m, h); "
            + "a time from 100 ms to 3600 s, such as 5 s would be right",
        Refusal("replication { gateway.child-timeout = 1 }"),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("gateway.child-timeout=11 s", "nbd.drain-timeout is less than ")]
    [InlineData("nodes.a.roles=[storage]", "nodes.a keeps storage and has no address: ")]
    [InlineData("volumes.v.children=[b]", "volumes.v.children: there is no storage node 'b'")]
    public void What_an_override_makes_wrong_is_said_with_the_override(string pair, string sentence)
    {
        ConfigurationException refused = Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Read(
            "replication { nodes { a { roles = [gateway] } } }",
            "f.hocon",
            ["log.level=debug", pair, "log.format=json"],
            new Dictionary<string, string>()));

        Assert.StartsWith($"--set {pair}: {sentence}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_file_has_wrong_is_said_with_the_file_whatever_is_overridden()
    {
        ConfigurationException refused = Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Read(
            "replication { gateway.child-timeout = 11 s }",
            "f.hocon",
            ["log.level=debug"],
            new Dictionary<string, string>()));

        Assert.StartsWith(
            "f.hocon:1:13: nbd.drain-timeout is less than ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_place_of_the_file_is_said()
    {
        using TemporaryFolder folder = new();

        ConfigurationException refused = Assert.Throws<ConfigurationException>(
            () => ConfigurationLoader.Load(folder.Path, [], new Dictionary<string, string>()));

        Assert.Equal($"{folder.Path}: this is a folder: --config names the file in it", refused.Message);
    }

    [Theory]
    [InlineData("remoting.acceptable-pause = 900 ms", "remoting.acceptable-pause is less than two of ")]
    [InlineData("remoting.backoff-max = 50 ms", "remoting.backoff-max is less than remoting.backoff-min")]
    [InlineData("gateway.child-timeout = 11 s", "nbd.drain-timeout is less than gateway.child-timeout")]
    [InlineData("nodes { a.roles = [gateway], b.roles = [gateway] }", "a and b are gateways")]
    [InlineData("nodes { a.listen = \"unix:x\", b.listen = \"unix:x\" }", "a and b both listen on unix:x")]
    [InlineData(
        "nodes { a.listen = \"unix:x\" }, volumes { v.children = [b] }",
        "volumes.v.children: there is no storage node 'b'; there are a")]
    [InlineData(
        "nodes { a.listen = \"unix:x\" }, volumes { v.threshold = 2 }",
        "volumes.v has 1 child, which cannot give 2 equal votes")]
    public void What_does_not_go_together_is_said(string settings, string sentence)
    {
        Assert.StartsWith(
            sentence,
            Refusal($"replication {{ {settings} }}")["f.hocon:1:13: ".Length..],
            StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_but_the_one_section_is_in_a_file()
    {
        Assert.Equal(
            "f.hocon:1:1: 'gateway' is no part of it: all settings are in replication { ... }",
            Refusal("gateway { }"));
        Assert.StartsWith("f.hocon:1:15: replication is a section", Refusal("replication = 1"), Ordinal);
        Assert.Equal(new ClusterConfiguration(), Read(""));
    }

    [Fact]
    public void Nodes_and_volumes_are_read_in_their_order()
    {
        ClusterConfiguration read = Read(
            """
            replication {
              nodes {
                z { listen = "unix:z.sock" }
                a { listen = "tcp:127.0.0.1:4101", data = /srv/a, log = a.log }
                gate { roles = [gateway] }
              }
              volumes { v { size = 2 GiB, threshold = 1, durability = write, children = [a] } }
              volume { read-pattern = fifo }
            }
            """);

        Assert.Equal(["z", "a", "gate"], read.Nodes.Select(static node => node.Name));
        Assert.Equal(["z", "/srv/a", "gate"], read.Nodes.Select(static node => node.Data));
        Assert.Equal([NodeRole.Gateway], read.Nodes[2].Roles);
        VolumeWish wish = Assert.Single(read.Volumes);
        Assert.Equal((2L << 30, 1, Durability.Write), (wish.SizeBytes, wish.Threshold, wish.Durability));
        Assert.Equal(["a"], wish.Children);
        Assert.Null(wish.Digest);
        Assert.Equal(ReadPattern.Fifo, read.Volume.ReadPattern);
    }

    [Fact]
    public void The_environment_overrides_the_file_and_set_overrides_both()
    {
        Dictionary<string, string> variables = new()
        {
            ["REPLICATION_GATEWAY__CHILD_TIMEOUT"] = "2 s",
            ["REPLICATION_GATEWAY__OPEN_TIMEOUT"] = "2 s",
            ["REPLICATION_NBD__LISTEN"] = "127.0.0.1:0",
            ["REPLICATION_QMP"] = "no setting",
        };

        ClusterConfiguration read = ConfigurationLoader.Read(
            "replication.gateway { child-timeout = 1 s, open-timeout = 1 s, open-retry = 3 s }",
            "f.hocon",
            ["gateway.child-timeout=4 s", "replication.nodes.a.listen=unix:x", "nodes.a.roles=[storage]"],
            variables);

        Assert.Equal(
            (4, 2, 3),
            (read.Gateway.ChildTimeout.Seconds,
                read.Gateway.OpenTimeout.Seconds,
                read.Gateway.OpenRetry.Seconds));
        Assert.Equal("127.0.0.1:0", read.NbdListen);
        Assert.Equal("unix:x", Assert.Single(read.Nodes).Listen);
    }

    [Theory]
    [InlineData("gateway.child-timout=3 s", "there is no setting 'gateway.child-timout'")]
    [InlineData("gateway.child-timeout=3", "gateway.child-timeout: '3' is no number with a unit")]
    [InlineData("gateway", "KEY=VALUE was expected")]
    [InlineData("=3", "KEY=VALUE was expected")]
    [InlineData("gateway..x=3", "'gateway..x' is no setting's name")]
    public void A_wrong_override_is_named_as_it_was_given(string pair, string sentence)
    {
        ConfigurationException wrong = Assert.Throws<ConfigurationException>(
            () => ConfigurationLoader.Read("", "f.hocon", [pair], new Dictionary<string, string>()));

        Assert.StartsWith($"--set {pair}: {sentence}", wrong.Message, Ordinal);
    }

    [Fact]
    public void A_wrong_variable_is_named()
    {
        ConfigurationException wrong = Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Read(
            "", "f.hocon", [], new Dictionary<string, string> { ["REPLICATION_LOG__LEVLE"] = "debug" }));

        Assert.Equal(
            "$REPLICATION_LOG__LEVLE: no setting has this variable; $REPLICATION_LOG__LEVEL is the nearest",
            wrong.Message);
    }

    [Fact]
    public void A_variable_that_is_far_from_all_is_answered_with_no_other()
    {
        ConfigurationException wrong = Assert.Throws<ConfigurationException>(() => ConfigurationLoader.Read(
            "", "f.hocon", [], new Dictionary<string, string> { ["REPLICATION_MOON__PHASE"] = "full" }));

        Assert.Equal(
            "$REPLICATION_MOON__PHASE: no setting has this variable; docs/configuration.md says how they are "
                + "called",
            wrong.Message);
    }

    [Fact]
    public void Every_setting_has_a_variable_of_its_own() => Assert.Equal(
        ClusterSettings.All.Paths.Count,
        ClusterSettings.All.Paths.Select(ConfigurationLoader.VariableOf).Distinct().Count());

    [Fact]
    public void Relative_paths_count_from_the_files_folder()
    {
        string path = _folder.File("c.hocon");
        File.WriteAllText(
            path,
            "replication { nodes { a { listen = \"unix:a.sock\", log = a.log } }, "
                + "nbd.listen = \"unix:n\" }");

        ClusterConfiguration read = ConfigurationLoader.Load(path, [], new Dictionary<string, string>());

        NodeConfiguration node = Assert.Single(read.Nodes);
        Assert.Equal($"unix:{_folder.File("a.sock")}", node.Listen);
        Assert.Equal((_folder.File("a"), _folder.File("a.log")), (node.Data, node.Log));
        Assert.Equal($"unix:{_folder.File("n")}", read.NbdListen);
        Assert.Equal($"unix:{_folder.File("qmp.sock")}", read.QmpListen);
    }

    [Fact]
    public void What_one_process_runs_of_a_configuration_needs_no_sockets_in_between()
    {
        ClusterConfiguration read = Read("replication { remoting.heartbeat-interval = 200 ms }");

        ClusterConfiguration used = read.ForOneProcess();

        Assert.IsType<InProcessTransport>(used.Remoting.Transport);
        Assert.Equal(TimeSpan.FromMilliseconds(200), used.Remoting.HeartbeatInterval);
    }

    [Fact]
    public void A_file_that_is_not_there_or_no_text_is_said()
    {
        string path = _folder.File("c.hocon");
        Assert.StartsWith($"{path}: the configuration cannot be read", LoadRefusal(path), Ordinal);
        File.WriteAllBytes(path, [0xff, 0xfe, 0xfd]);
        Assert.Equal($"{path}: the configuration is not UTF-8", LoadRefusal(path));
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static string LoadRefusal(string path) => Assert.Throws<ConfigurationException>(
        () => ConfigurationLoader.Load(path, [], new Dictionary<string, string>())).Message;

    private static ClusterConfiguration Read(string text) =>
        ConfigurationLoader.Read(text, "f.hocon", [], new Dictionary<string, string>());

    private static string Refusal(string text) =>
        Assert.Throws<ConfigurationException>(() => Read(text)).Message;
}
