using System.Text.Json;
using Replication.Host.Output;

namespace Replication.Host.Tests.Output;

public sealed class StatusReportTests
{
    private const string Healthy =
        """
        {"name":"demo","size":1073741824,"vote-threshold":1,"condition":"healthy","unreconciled-bytes":0,
         "children":[
        {"name":"children.0","node":"node1","node-name":"demo-node1","state":"synced","link":"open",
         "votes-lost":0,"repairs":0,"read-errors":0,"write-errors":0,"flush-errors":0}]}
        """;

    private const string InTrouble =
        """
        {"name":"demo","size":1073741824,"vote-threshold":2,"condition":"degraded","reason":"two are out",
         "unreconciled-bytes":4096,"children":[
        {"name":"children.0","node":"node1","node-name":"demo-node1","state":"stale","link":"out",
         "since":"2026-11-20T21:00:00Z","reason":"it missed a write",
         "votes-lost":0,"repairs":0,"read-errors":0,"write-errors":1,"flush-errors":2},
        {"name":"children.1","node":"node2","node-name":"demo-node2","state":"synced","link":"out",
         "reason":"the connection was lost",
         "votes-lost":0,"repairs":0,"read-errors":0,"write-errors":0,"flush-errors":0},
        {"name":"children.2","node":"node3","node-name":"demo-node3","state":"synced","link":"open",
         "last-lost-vote":"2026-11-20T21:00:01Z",
         "votes-lost":3,"repairs":1,"read-errors":0,"write-errors":0,"flush-errors":0}]}
        """;

    [Fact]
    public void A_healthy_volume_takes_two_sentences()
    {
        Assert.Equal(
            ["demo is healthy.", "demo has 1GiB on 1 child; 1 vote wins a read."],
            Sentences(Healthy));
    }

    [Fact]
    public void Whatever_is_wrong_is_a_sentence_with_its_reason()
    {
        Assert.Equal(
            [
                "demo is degraded: two are out.",
                "demo has 1GiB on 3 children; 2 equal votes win a read.",
                "4KiB are being made equal on all children: reads of them wait for that.",
                "demo-node1 (children.0) is stale since 2026-11-20T21:00:00Z and does not vote: "
                    + "it missed a write.",
                "demo-node1 (children.0) failed 0 reads, 1 write and 2 flushes.",
                "demo-node2 (children.1) cannot be reached: the connection was lost.",
                "demo-node3 (children.2) lost 3 votes, the last at 2026-11-20T21:00:01Z: "
                    + "its data differed from what won; 1 range of it rewritten.",
            ],
            Sentences(InTrouble));
    }

    [Fact]
    public void A_resync_is_a_sentence_with_what_is_done_and_to_do_the_rate_and_the_time_left()
    {
        string volume = Healthy.Replace(
            "\"votes-lost\"",
            "\"resync\":{\"done-bytes\":67108864,\"to-do-bytes\":201326592,\"copied-bytes\":65536,"
                + "\"bytes-per-second\":33554432,\"seconds-left\":66},\"votes-lost\"",
            Ordinal);

        Assert.Equal(
            "demo-node1 (children.0) is being resynced: 64MiB done, 192MiB to do, 32MiB/s, 1 min 6 s left.",
            Sentences(volume)[2]);
    }

    [Fact]
    public void A_table_in_a_pipe_has_a_line_a_child_without_colours_or_wrapped_lines()
    {
        using StringWriter output = new();
        using JsonDocument document = JsonDocument.Parse($"[{InTrouble}]");

        StatusReport.Write(
            document.RootElement, new CommandOutput(output, TextWriter.Null, isTerminal: false));

        string text = output.ToString();
        Assert.DoesNotContain('\u001b', text);
        Assert.All(text, static character => Assert.True(character < 128));
        Assert.Single(
            text.Split('\n'), static line => line.Contains("| node3 | synced | open | 3 ", Ordinal));
        Assert.Single(text.Split('\n'), static line => line.Contains("0/1/2", Ordinal));
    }

    [Fact]
    public void No_volume_is_said_too()
    {
        using StringWriter output = new();
        using JsonDocument document = JsonDocument.Parse("[]");

        StatusReport.Write(
            document.RootElement, new CommandOutput(output, TextWriter.Null, isTerminal: false));

        Assert.Equal($"There is no volume.{Environment.NewLine}", output.ToString());
    }

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private static List<string> Sentences(string volume)
    {
        using JsonDocument document = JsonDocument.Parse(volume);
        return [.. StatusReport.Sentences(document.RootElement)];
    }
}
