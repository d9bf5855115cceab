using System.Text.Json;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Separate;

/// <summary>A request has one id in the logs of all processes that worked for it.</summary>
public sealed class RequestIdTests
{
    private const StringComparison Ordinal = StringComparison.Ordinal;

    [Fact]
    public void The_id_of_a_lost_vote_in_the_gateways_log_finds_the_reads_on_the_storage_nodes()
    {
        using var scratch = new Scratch();
        using var nodes = new LocalNodes(scratch);
        nodes.Up("--size", "64MiB", "--set", "log.level=debug", "--set", "log.format=json");
        Tool.QemuIo(nodes.Uri, "write -P 0x5a 0 64k", "flush").Succeeded();
        Replicas.Corrupt(nodes.ReplicaFile(2), 0, 4096, 0xee);

        Tool.QemuIo(nodes.Uri, "read -P 0x5a 0 64k").Succeeded();

        Eventually.True(() => LostVotes(nodes).Any(), () => string.Join('\n', Entries(nodes, "gateway")));
        var lost = Assert.Single(LostVotes(nodes));
        Assert.Equal("warning", Text(lost, "level"));
        Assert.Equal("demo", Text(lost, "volume"));
        var id = Text(lost, "request")!;
        Assert.StartsWith("demo/", id, Ordinal);
        foreach (var node in new[] { "node1", "node2", "node3" })
        {
            var found = Entries(nodes, node).Where(entry => Text(entry, "request") == id).ToArray();
            Assert.Contains(
                found,
                static entry => Text(entry, "source") == "replicas"
                    && Text(entry, "message")!.Contains(" of 65536 bytes at 0 was done", Ordinal));
            var isRewritten = found.Any(static entry =>
                Text(entry, "message")!.StartsWith("write of 65536 bytes", Ordinal));
            Assert.Equal(node == "node2", isRewritten);
        }

        nodes.Run("down").Succeeded();
    }

    private static IEnumerable<JsonElement> LostVotes(LocalNodes nodes) => Entries(nodes, "gateway").Where(
        static entry => Text(entry, "message")!.Contains("demo-node2 lost the vote", Ordinal));

    /// <summary>Every complete line is a JSON object.</summary>
    private static IEnumerable<JsonElement> Entries(LocalNodes nodes, string name)
    {
        using var file = new FileStream(
            Path.Combine(nodes.Folder, $"{name}.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        var complete = text[..(text.LastIndexOf('\n') + 1)];
        foreach (var line in complete.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var entry = JsonDocument.Parse(line);
            yield return entry.RootElement.Clone();
        }
    }

    private static string? Text(JsonElement entry, string member) =>
        entry.TryGetProperty(member, out var value) ? value.GetString() : null;
}
