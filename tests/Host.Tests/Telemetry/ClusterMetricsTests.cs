using System.Globalization;
using Replication.TestKit;

namespace Replication.Host.Tests.Telemetry;

/// <summary>What Prometheus gets of a cluster in which everything goes on at once.</summary>
public sealed class ClusterMetricsTests
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Nodes = ["gate", "n1", "n2", "n3"];

    private readonly Dictionary<string, double> _counters = new(StringComparer.Ordinal);

    [Fact]
    public async Task A_resync_a_liar_deleted_volumes_fifo_and_blkverify_leave_the_numbers_clean_and_rising()
    {
        await using WatchedCluster cluster = new();
        await cluster.StartAsync("n1", "n2", "n3", "gate");
        await cluster.CommandAsync("volume", "create", "fast", "--size", "1MiB", "--read-pattern", "fifo");
        await cluster.CommandAsync(
            "volume", "create", "twin", "--size", "1MiB", "--children", "n1,n2", "--blkverify");
        await cluster.CommandAsync("volume", "create", "gone", "--size", "1MiB");
        foreach (string volume in new[] { "fast", "twin", "gone" })
        {
            await cluster.QemuIoAsync(
                volume, "write -P 0x5a 0 64k", "write -z 64k 64k", "discard 128k 64k", "flush", "read 0 64k");
        }

        await cluster.QemuIoAsync("vm", "write -P 0x5a 0 24M", "flush");
        await cluster.CorruptAsync("n2", "vm");
        await cluster.QemuIoAsync("vm", "read -P 0x5a 0 64k");
        await ScrapeAllAsync(cluster);
        await cluster.CommandAsync("volume", "delete", "gone", "--yes");
        await cluster.CommandAsync("child", "remove", "vm", "children.2");
        await cluster.CommandAsync("child", "add", "vm", "n3");

        // What is gone is not shown after a few looks.
        using CancellationTokenSource patience = new(Patience);
        string[] texts;
        string? during = null;
        do
        {
            patience.Token.ThrowIfCancellationRequested();
            texts = await ScrapeAllAsync(cluster);
            during ??= texts[0].Contains("replication_resync_done_bytes{", Ordinal) ? texts[0] : null;
        }
        while (during is null || texts.Any(static text => text.Contains("\"gone\"", Ordinal)));

        Assert.Equal("", await Promtool.CheckAsync(during));
        Assert.Contains(
            "replication_child_votes_lost_total{volume=\"vm\",child=\"children.1\",node=\"n2\"} 1\n",
            texts[0],
            Ordinal);
        Assert.Contains("kind=\"trim\",result=\"ok\"} 1\n", texts[0], Ordinal);
        Assert.Contains("kind=\"zero\",result=\"ok\"} 1\n", texts[0], Ordinal);

        // A name that is used again, and a volume that has gone through its resync.
        await cluster.CommandAsync("volume", "create", "gone", "--size", "1MiB");
        await cluster.QemuIoAsync("gone", "write -P 0x5b 0 64k", "flush", "read 0 64k");
        await cluster.UntilHealthyAsync("vm", () => ScrapeAllAsync(cluster));
        texts = await ScrapeAllAsync(cluster);
        foreach (string text in texts)
        {
            Assert.Equal("", await Promtool.CheckAsync(text));
        }

        Assert.Contains(
            "replication_requests_total{volume=\"gone\",kind=\"write\",result=\"ok\"} 2\n",
            texts[0],
            Ordinal);
    }

    /// <summary>Looks at all nodes; a counter that went back or a series twice fails the test.</summary>
    private async Task<string[]> ScrapeAllAsync(WatchedCluster cluster)
    {
        List<string> texts = [];
        foreach (string node in Nodes)
        {
            string text = await cluster.MetricsAsync(node);
            Note(node, text);
            texts.Add(text);
        }

        return [.. texts];
    }

    private void Note(string node, string text)
    {
        HashSet<string> series = new(StringComparer.Ordinal);
        HashSet<string> gauges = new(StringComparer.Ordinal);
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = line.Split(' ');
            if (words is ["#", "TYPE", _, "gauge"])
            {
                gauges.Add(words[2]);
            }

            if (line.StartsWith('#'))
            {
                continue;
            }

            int end = line.LastIndexOf(' ');
            string key = line[..end];
            Assert.True(series.Add(key), $"{node} has {key} twice");
            if (gauges.Contains(key.Split('{')[0]))
            {
                continue;
            }

            double value = double.Parse(line[(end + 1)..], CultureInfo.InvariantCulture);
            double before = _counters.GetValueOrDefault($"{node} {key}");
            Assert.True(value >= before, $"{node}: {key} went back from {before} to {value}");
            _counters[$"{node} {key}"] = value;
        }
    }
}
