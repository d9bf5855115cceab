using Replication.EndToEnd.Commands;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Clients;

/// <summary>What clients hear of a volume that blkverify has stopped, and of one that was deleted.</summary>
public sealed class StoppedVolumeTests
{
    [Fact]
    public void Clients_are_told_why_a_stopped_volume_is_not_served_also_after_a_restart()
    {
        using var scratch = new Scratch();
        using (var demo = DemoProcess.Start(scratch))
        {
            Stop(demo);
            AssertTold(
                demo,
                "volume vm2 is stopped: vm2-node1 and vm2-node2 differ at byte 4096; "
                    + "volume-reopen starts it again");
            Assert.DoesNotContain(
                "vm2",
                Tool.Run("nbdinfo", "--list", demo.Uri.Replace("/demo", "/", StringComparison.Ordinal))
                    .Succeeded().Output,
                StringComparison.Ordinal);
            Assert.Equal(0, demo.Terminate());
        }

        using var again = DemoProcess.Start(scratch);
        AssertTold(
            again,
            "volume vm2 is stopped: blkverify found that its children differ; volume-reopen starts it again");
        again.Command("volume", "reopen", "vm2").Succeeded();
        Tool.QemuIo(UriOf(again), "read -P 0x11 0 4k").Succeeded();
        again.Command("volume", "delete", "vm2", "--yes").Succeeded();
        AssertTold(again, "volume vm2 was deleted");
    }

    /// <summary>Makes vm2, lies in one of its two replicas, and reads it.</summary>
    internal static void Stop(DemoProcess demo)
    {
        using var client = new QmpClient(demo.QmpPath);
        client.Negotiate();
        var made = client.Execute(
            """{"execute":"volume-create","arguments":{"name":"vm2","size":1048576,"blkverify":true,"""
            + """ "children":["node1","node2"]}}""");
        Assert.True(made.TryGetProperty("return", out _), made.ToString());
        Tool.QemuIo(UriOf(demo), "write -P 0x11 0 64k", "flush").Succeeded();
        Replicas.Corrupt(
            Path.Combine(demo.Data, "node1", "volumes", "vm2", "data.raw"), 4096, 4096, 0xee);
        Assert.NotEqual(0, Tool.QemuIo(UriOf(demo), "read 0 64k").ExitCode);
    }

    private static string UriOf(DemoProcess demo) =>
        demo.Uri.Replace("/demo", "/vm2", StringComparison.Ordinal);

    private static void AssertTold(DemoProcess demo, string reason)
    {
        ToolResult info = new("", 0, "", "");
        Eventually.True(
            () => (info = Tool.Run("qemu-img", "info", "-f", "raw", UriOf(demo))).Error
                .Contains($"server reported: {reason}", StringComparison.Ordinal),
            () => $"{reason}: {info.Output}{info.Error}");
    }
}
