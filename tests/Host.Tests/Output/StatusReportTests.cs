using System.Text.Json;
using Replication.Host.Output;

namespace Replication.Host.Tests.Output;

public sealed class StatusReportTests
{
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
            text.Split('\n'), static line => line.Contains("node3  synced  open  3 ", Ordinal));
        Assert.Single(text.Split('\n'), static line => line.Contains("0/1/2", Ordinal));
    }

    [Fact]
    public void A_table_in_a_pipe_is_aligned_columns_without_a_frame_however_narrow_the_place_is()
    {
        using StringWriter output = new();

        PlainTable table = new("name", "in sync", "exports");
        table.Add("a-long-name-of-a-volume-that-no-narrow-terminal-takes-whole", "2 of 2", "x");
        table.Add("vm1", "0 of 12", "vm1, vm1-ro (read-only)");
        table.Write(new CommandOutput(output, TextWriter.Null, isTerminal: false));

        Assert.Equal(
            """
            name                                                         in sync  exports
            a-long-name-of-a-volume-that-no-narrow-terminal-takes-whole  2 of 2   x
            vm1                                                          0 of 12  vm1, vm1-ro (read-only)

            """,
            output.ToString());
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(12, false)]
    public void A_table_at_a_terminal_has_a_frame_where_it_fits_and_is_never_cut(int columns, bool isFramed)
    {
        using StringWriter output = new();
        CommandOutput terminal = new(output, TextWriter.Null, isTerminal: true);
        terminal.Console.Profile.Width = columns;

        PlainTable table = new("name", "state");
        table.Add("children.0", "synced");
        table.Write(terminal);

        Assert.Equal(isFramed, output.ToString().Contains('\u2500') || output.ToString().Contains("--"));
        Assert.Contains("children.0", output.ToString(), Ordinal);
        Assert.Contains("synced", output.ToString(), Ordinal);
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
}
