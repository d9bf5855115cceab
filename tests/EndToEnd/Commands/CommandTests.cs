using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Commands;

/// <summary>What the commands print where no terminal is: plain, whole lines for programs.</summary>
public sealed class CommandTests
{
    private const char Escape = '\u001b';

    [Fact]
    public void The_demo_prints_its_address_three_things_to_try_and_then_events_as_plain_lines()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 64k").Succeeded();
        Replicas.Corrupt(demo.ReplicaFile(2), 0, 4096, 0xee);
        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 64k").Succeeded();

        Eventually.True(
            () => demo.Output.Any(line => line.Contains("demo-node2", StringComparison.Ordinal)),
            () => $"no event of demo-node2 in\n{demo.Log}");

        Assert.DoesNotContain(Escape, demo.Log);
        var mentions = demo.Output.Count(line => line.Contains(demo.Uri, StringComparison.Ordinal));
        Assert.True(mentions >= 3, demo.Log);
    }

    [Fact]
    public void Status_names_every_child_and_its_state_without_colours()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        var text = demo.Command("status").Succeeded().Output;

        Assert.DoesNotContain(Escape, text);
        Assert.All(
            ["node1", "node2", "node3"],
            node => Assert.Contains(text.Split('\n'), line => line.Contains(node, StringComparison.Ordinal)
                && line.Contains("synced", StringComparison.OrdinalIgnoreCase)));
        Assert.All([1, 2, 3], node => Assert.Equal("synced", demo.ChildState(node)));
    }

    [Fact]
    public void A_long_path_does_not_wrap_a_line()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["COLUMNS"] = "20" };

        var narrow = Tool.Run(
            "dotnet", environment, Executable.Path, "status", "--qmp", $"unix:{demo.QmpPath}").Succeeded();

        Assert.Equal(demo.Command("status").Output.Split('\n').Length, narrow.Output.Split('\n').Length);
    }

    [Fact]
    public void Events_are_QMP_objects_one_a_line_and_outlive_a_restart()
    {
        using var scratch = new Scratch();
        using (var demo = DemoProcess.Start(scratch))
        {
            Lie(demo, 2);
            Eventually.True(
                () => demo.Events("QUORUM_REPORT_BAD").Count == 1, () => "the lie is not reported");
            Assert.Equal(0, demo.Terminate());
        }

        using var again = DemoProcess.Start(scratch);
        var report = Assert.Single(again.Events("QUORUM_REPORT_BAD"));

        Assert.Equal("demo-node2", report.GetProperty("data").GetProperty("node-name").GetString());
        var timestamp = report.GetProperty("timestamp");
        var age = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - timestamp.GetProperty("seconds").GetInt64();
        Assert.InRange(age, 0, 300);
        Assert.InRange(timestamp.GetProperty("microseconds").GetInt64(), 0, 999_999);
        Assert.DoesNotContain(Escape, again.Command("events").Succeeded().Output);
    }

    [Fact]
    public void Events_are_kept_unthrottled()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 1M").Succeeded();
        for (var block = 0; block < 5; block++)
        {
            Replicas.Corrupt(demo.ReplicaFile(3), block * 4096, 4096, 0xee);
        }

        Tool.QemuIo(demo.Uri, [.. Enumerable.Range(0, 5).Select(block => $"read -P 0x5a {block * 4}k 4k")])
            .Succeeded();

        Eventually.True(
            () => demo.Events("QUORUM_REPORT_BAD").Count == 5,
            () => $"five reports, but {demo.Events("QUORUM_REPORT_BAD").Count}");
    }

    [Fact]
    public void The_address_may_come_from_the_environment()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["REPLICATION_QMP"] = $"unix:{demo.QmpPath}",
        };

        Assert.Contains(
            "demo",
            Tool.Run("dotnet", environment, Executable.Path, "status").Succeeded().Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_service_a_command_says_where_it_looked()
    {
        using var scratch = new Scratch();

        var result = DemoProcess.Replication("status", "--qmp", $"unix:{scratch.File("nobody.sock")}");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("nobody.sock", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private static void Lie(DemoProcess demo, int node)
    {
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 64k").Succeeded();
        Replicas.Corrupt(demo.ReplicaFile(node), 0, 4096, 0xee);
        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 64k").Succeeded();
        Replicas.AwaitRepair(demo);
    }
}
