using System.Globalization;
using System.Runtime.CompilerServices;
using Replication.Actors.Remoting;
using Replication.Coordinator.Volumes;
using Replication.Gateway.Events;
using Replication.Gateway.Nbd;
using Replication.Gateway.Qmp;
using Replication.Host.Demo;
using Replication.Host.Logging;
using Replication.Host.Options;
using Replication.ReplicaNode.Disk;

namespace Replication.Host.Tests.Documents;

/// <summary>cluster.hocon says what the code does.</summary>
public sealed class ReferenceConfigurationTests
{
    private static readonly VolumeSettings Volume = new();
    private static readonly RemotingOptions Remoting = new();
    private static readonly NbdServerOptions Nbd = new();
    private static readonly EventLogOptions Events = new();

    [Fact]
    public void Every_setting_that_code_names_has_the_codes_default()
    {
        Dictionary<string, string> written = Settings();
        Dictionary<string, string> expected = new()
        {
            ["cluster.name"] = $"\"{Remoting.ClusterName}\"",
            ["storage.transfer-threads"] = Number(DiskThreads.TransferThreadsDefault),
            ["storage.slow-threads"] = Number(DiskThreads.SlowThreadsDefault),
            ["gateway.child-timeout"] = Time(Volume.ChildTimeout),
            ["gateway.read-hedge"] = Time(Volume.ReadHedge),
            ["gateway.open-timeout"] = Time(Volume.OpenTimeout),
            ["gateway.open-retry"] = Time(Volume.OpenRetry),
            ["gateway.events.kept-max"] = Number(Events.KeptMax),
            ["gateway.events.queue-max"] = Number(Events.QueueMax),
            ["volume.size"] = Size(DemoOptions.SizeDefaultBytes),
            ["remoting.heartbeat-interval"] = Time(Remoting.HeartbeatInterval),
            ["remoting.acceptable-pause"] = Time(Remoting.AcceptablePause),
            ["remoting.connect-timeout"] = Time(Remoting.ConnectTimeout),
            ["remoting.backoff-min"] = Time(Remoting.BackoffMin),
            ["remoting.backoff-max"] = Time(Remoting.BackoffMax),
            ["remoting.queue-max"] = Size(Remoting.QueueMaxBytes),
            ["nbd.connections-max"] = Number(Nbd.ConnectionsMax),
            ["nbd.handshake-timeout"] = Time(Nbd.HandshakeTimeout),
            ["nbd.options-max"] = Number(Nbd.OptionCountMax),
            ["nbd.in-flight-max"] = Number(Nbd.InFlightCountMax),
            ["nbd.in-flight-bytes-max"] = Size(Nbd.InFlightBytesMax),
            ["nbd.drain-timeout"] = Time(Nbd.DrainTimeout),
            ["qmp.sessions-max"] = Number(QmpServer.SessionsMax),
            ["log.file-length-max"] = Size(LogFile.LengthMaxBytes),
            ["log.queue-max"] = Number(LogFile.QueueMax),
        };

        Assert.All(expected, setting => Assert.Equal(
            $"{setting.Key} = {setting.Value}", $"{setting.Key} = {written.GetValueOrDefault(setting.Key)}"));
    }

    /// <summary>
    /// The file's settings by path. It holds sections and settings of one line each, nothing else.
    /// </summary>
    private static Dictionary<string, string> Settings()
    {
        Dictionary<string, string> settings = new(StringComparer.Ordinal);
        Stack<string> sections = new();
        foreach (string line in File.ReadLines(Path.Combine(RepositoryFolder(), "cluster.hocon")))
        {
            string text = line.Trim();
            int equals = text.IndexOf(" = ", StringComparison.Ordinal);
            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }

            if (text == "}")
            {
                sections.Pop();
            }
            else if (text.EndsWith(" {", StringComparison.Ordinal))
            {
                sections.Push(text[..^2]);
            }
            else
            {
                Assert.True(equals > 0, $"'{line}' is neither a section nor a setting");
                string section = string.Join('.', sections.Reverse().Skip(1));
                settings.Add($"{section}.{text[..equals]}", text[(equals + 3)..]);
            }
        }

        Assert.Empty(sections);
        return settings;
    }

    private static string RepositoryFolder([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", ".."));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Time(TimeSpan time) => time.TotalMilliseconds % 1000 == 0
        ? $"{time.TotalSeconds:F0} s"
        : $"{time.TotalMilliseconds:F0} ms";

    private static string Size(long bytes)
    {
        string size = ByteSize.Format(bytes);
        return size.Insert(size.Length - "MiB".Length, " ");
    }
}
