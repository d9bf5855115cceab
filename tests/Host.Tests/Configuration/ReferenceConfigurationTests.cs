using System.Runtime.CompilerServices;
using Replication.Host.Configuration;
using Replication.Host.Configuration.Hocon;
using Replication.Host.Configuration.Settings;

namespace Replication.Host.Tests.Configuration;

/// <summary>cluster.hocon says what the code does.</summary>
public sealed class ReferenceConfigurationTests
{
    /// <summary>Of every setting another value than its default.</summary>
    private static readonly Dictionary<string, string> Others = new()
    {
        ["volume.size"] = "2 GiB",
        ["volume.threshold"] = "2",
        ["volume.rewrite-corrupted"] = "off",
        ["volume.digest"] = "sha256",
        ["volume.durability"] = "write",
        ["volume.on-cache-loss"] = "refuse",
        ["storage.transfer-threads"] = "5",
        ["storage.slow-threads"] = "5",
        ["gateway.child-timeout"] = "2500 ms",
        ["gateway.read-hedge"] = "0 ms",
        ["gateway.open-timeout"] = "1 m",
        ["gateway.open-retry"] = "0.5 s",
        ["gateway.checkpoint-interval"] = "1 h",
        ["gateway.hot-zones-max"] = "2",
        ["gateway.resync-in-flight"] = "1",
        ["gateway.resync-rate-max"] = "10 MiB",
        ["gateway.events.kept-max"] = "1",
        ["gateway.events.queue-max"] = "1",
        ["remoting.heartbeat-interval"] = "10 ms",
        ["remoting.acceptable-pause"] = "4 s",
        ["remoting.connect-timeout"] = "4 s",
        ["remoting.backoff-min"] = "10 ms",
        ["remoting.backoff-max"] = "4 s",
        ["remoting.queue-max"] = "1 MiB",
        ["nbd.connections-max"] = "1",
        ["nbd.handshake-timeout"] = "1 s",
        ["nbd.options-max"] = "1",
        ["nbd.in-flight-max"] = "1",
        ["nbd.in-flight-bytes-max"] = "1 MiB",
        ["nbd.total-in-flight-max"] = "1",
        ["nbd.total-in-flight-bytes-max"] = "64 MiB",
        ["nbd.stall-timeout"] = "1 s",
        ["nbd.drain-timeout"] = "5 s",
        ["nbd.listen"] = "\"[::1]:1\"",
        ["qmp.listen"] = "\"127.0.0.1:1\"",
        ["qmp.sessions-max"] = "1",
        ["http.listen"] = "\"127.0.0.1:1\"",
        ["otlp.endpoint"] = "\"http://127.0.0.1:4318\"",
        ["otlp.headers"] = "\"a=b\"",
        ["otlp.interval"] = "1 s",
        ["otlp.timeout"] = "1 s",
        ["otlp.trace-ratio"] = "1",
        ["log.level"] = "debug",
        ["log.format"] = "json",
        ["log.slow-request"] = "2 s",
        ["log.file-length-max"] = "64 KiB",
        ["log.queue-max"] = "1",
        ["cluster.name"] = "other",
    };

    /// <summary>Settings with one value alone.</summary>
    private static readonly string[] Fixed = ["volume.read-pattern"];

    public static TheoryData<string> Paths => [.. ClusterSettings.All.Paths];

    [Fact]
    public void Every_value_in_it_is_the_default()
    {
        ClusterConfiguration read = ConfigurationLoader.Read(
            File.ReadAllText(Reference()), "cluster.hocon", [], new Dictionary<string, string>());

        Assert.Empty(read.Nodes);
        Assert.Empty(read.Volumes);
        Assert.Equal(new ClusterConfiguration(), read with { Nodes = [], Volumes = [] });
    }

    [Fact]
    public void Every_setting_is_in_it_and_no_other()
    {
        HoconObject written = HoconReader.Read(
            File.ReadAllText(Reference()), "cluster.hocon", static _ => null);

        Assert.Equal(
            ClusterSettings.All.Paths.Order(StringComparer.Ordinal),
            Leaves(Assert.Single(written.Members).Value, "").Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public void Every_setting_changes_something(string path)
    {
        if (Fixed.Contains(path))
        {
            return;
        }

        ClusterConfiguration read = ConfigurationLoader.Read(
            $"replication {{ {path} = {Others[path]} }}", "test", [], new Dictionary<string, string>());

        Assert.NotEqual(new ClusterConfiguration(), read);
    }

    private static IEnumerable<string> Leaves(HoconValue value, string path) => value is HoconObject section
        ? section.Members.SelectMany(
            member => Leaves(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}"))
        : [path];

    private static string Reference([CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "..", "cluster.hocon");
}
