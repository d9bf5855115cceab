using System.Text.Json;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Voting;

/// <summary>A replica whose file was overwritten under the running service is outvoted, reported and
/// repaired.</summary>
public sealed class LiarTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_liar_is_outvoted_on_the_next_read_reported_and_rewritten(int liar)
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 1M", "flush").Succeeded();
        Replicas.Corrupt(demo.ReplicaFile(liar), 64 << 10, 64 << 10, 0xee);

        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 1M").Succeeded();
        Replicas.AwaitRepair(demo);
        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 1M").Succeeded();

        var report = Assert.Single(demo.Events("QUORUM_REPORT_BAD"));
        AssertReport(report, $"demo-node{liar}", 0, 2048);
        Assert.Equal("synced", demo.ChildState(liar));
        Assert.Equal(0, demo.Terminate());
        Replicas.AssertIdentical(demo);
    }

    [Fact]
    public void A_lie_about_a_hole_is_outvoted_too()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        Replicas.Corrupt(demo.ReplicaFile(2), 1 << 20, 4096, 0xee);

        Tool.QemuIo(demo.Uri, "read -P 0 0 2M").Succeeded();
        Replicas.AwaitRepair(demo);
        Tool.QemuIo(demo.Uri, "read -P 0 1M 4k").Succeeded();

        Assert.Equal("demo-node2", NodeName(Assert.Single(demo.Events("QUORUM_REPORT_BAD"))));
        Assert.Equal(0, demo.Terminate());
        Replicas.AssertIdentical(demo);
    }

    [Fact]
    public void With_rewrite_corrupted_off_a_liar_is_reported_and_left_as_it_is()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(
            scratch, new DemoOptions { More = ["--rewrite-corrupted", "off"] });
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 64k").Succeeded();
        Replicas.Corrupt(demo.ReplicaFile(2), 0, 4096, 0xee);

        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 64k", "read -P 0x5a 0 64k").Succeeded();

        Assert.Equal(2, demo.Events("QUORUM_REPORT_BAD").Count);
        Assert.Equal(0, demo.Terminate());
        Assert.All(Replicas.Bytes(demo.ReplicaFile(2), 0, 4096), value => Assert.Equal(0xee, value));
    }

    [Fact]
    public void With_sha256_digests_a_liar_is_outvoted_as_well()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch, new DemoOptions { More = ["--digest", "sha256"] });
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 1M").Succeeded();
        Replicas.Corrupt(demo.ReplicaFile(3), 4096, 1, 0xee);

        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 1M").Succeeded();
        Replicas.AwaitRepair(demo);
        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 1M").Succeeded();

        Assert.Equal("demo-node3", NodeName(Assert.Single(demo.Events("QUORUM_REPORT_BAD"))));
        Assert.Equal(0, demo.Terminate());
        Replicas.AssertIdentical(demo);
    }

    [Fact]
    public void Two_liars_among_five_replicas_are_outvoted_even_where_they_agree()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch, new DemoOptions { Nodes = 5 });
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 64k").Succeeded();
        Replicas.Corrupt(demo.ReplicaFile(1), 0, 4096, 0xee);
        Replicas.Corrupt(demo.ReplicaFile(4), 0, 4096, 0xee);

        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 64k").Succeeded();
        Replicas.AwaitRepair(demo, nodes: 5);
        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 64k").Succeeded();

        Assert.Equal(
            ["demo-node1", "demo-node4"],
            demo.Events("QUORUM_REPORT_BAD").Select(NodeName).Order(StringComparer.Ordinal));
        Assert.Equal(0, demo.Terminate());
        Replicas.AssertIdentical(demo, nodes: 5);
    }

    private static string? NodeName(JsonElement report) =>
        report.GetProperty("data").GetProperty("node-name").GetString();

    private static void AssertReport(JsonElement report, string nodeName, long sector, long sectors)
    {
        var data = report.GetProperty("data");
        Assert.Equal("read", data.GetProperty("type").GetString());
        Assert.Equal(nodeName, data.GetProperty("node-name").GetString());
        Assert.Equal(sector, data.GetProperty("sector-num").GetInt64());
        Assert.Equal(sectors, data.GetProperty("sectors-count").GetInt64());
        Assert.False(data.TryGetProperty("error", out _));
    }
}
