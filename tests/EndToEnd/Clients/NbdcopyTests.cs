using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Clients;

/// <summary>nbdcopy brings data in and out, over one connection or many.</summary>
public sealed class NbdcopyTests
{
    private static readonly string[] Many = ["--connections=16", "--requests=32", "--threads=4"];

    [Fact]
    public void Nbdcopy_brings_data_in_and_out_unchanged()
    {
        using var scratch = new Scratch();
        var source = scratch.RandomFile("in.raw", 256);
        using var demo = DemoProcess.Start(scratch, new DemoOptions { Size = "256MiB" });

        Tool.Run("nbdcopy", "--flush", source, demo.Uri).Succeeded();
        Tool.Run("nbdcopy", demo.Uri, scratch.File("out.raw")).Succeeded();

        Tool.Run("cmp", source, scratch.File("out.raw")).Succeeded();
        Assert.Equal(0, demo.Terminate());
        Replicas.AssertIdentical(demo);
        Tool.Run("cmp", source, demo.ReplicaFile(1)).Succeeded();
    }

    [Fact]
    public void Nbdcopy_of_a_sparse_gibibyte_keeps_its_holes()
    {
        using var scratch = new Scratch();
        var source = scratch.File("in.raw");
        Tool.Run("truncate", "-s", "1G", source).Succeeded();
        Tool.Run("qemu-io", "-f", "raw", "-c", "write -P 0x33 0 1M", "-c", "write -P 0x44 700M 3M", "-c",
            "write -P 0x55 1023M 1M", source).Succeeded();
        using var demo = DemoProcess.Start(scratch, new DemoOptions { Size = "1GiB" });

        Tool.Run("nbdcopy", "--flush", source, demo.Uri).Succeeded();
        Tool.Run("nbdcopy", demo.Uri, scratch.File("out.raw")).Succeeded();

        Tool.Run("cmp", source, scratch.File("out.raw")).Succeeded();
        string[] files = [scratch.File("out.raw"), .. Enumerable.Range(1, 3).Select(demo.ReplicaFile)];
        Assert.All(files, file => Assert.InRange(Replicas.AllocatedBytes(file), 5 << 20, 16 << 20));
        Assert.Equal(0, demo.Terminate());
        Replicas.AssertIdentical(demo);
    }

    [Fact]
    public void Nbdcopy_by_sixteen_connections_brings_data_in_and_out_unchanged()
    {
        using var scratch = new Scratch();
        var source = scratch.RandomFile("in.raw", 64);
        using var demo = DemoProcess.Start(scratch);

        Tool.Run("nbdcopy", [.. Many, "--flush", source, demo.Uri]).Succeeded();
        Tool.Run("nbdcopy", [.. Many, demo.Uri, scratch.File("out.raw")]).Succeeded();

        Tool.Run("cmp", source, scratch.File("out.raw")).Succeeded();
        Replicas.AssertIdentical(demo);
        Tool.Run("cmp", source, demo.ReplicaFile(3)).Succeeded();
    }

    [Fact]
    public void Nbdcopy_by_sixteen_connections_gets_the_truth_while_a_replica_lies()
    {
        using var scratch = new Scratch();
        var source = scratch.RandomFile("in.raw", 64);
        using var demo = DemoProcess.Start(scratch);
        Tool.Run("nbdcopy", [.. Many, "--flush", source, demo.Uri]).Succeeded();
        Replicas.Corrupt(demo.ReplicaFile(2), 3 << 20, 40 << 20, 0xee);

        Tool.Run("nbdcopy", [.. Many, demo.Uri, scratch.File("out.raw")]).Succeeded();

        Tool.Run("cmp", source, scratch.File("out.raw")).Succeeded();
        Replicas.AwaitRepair(demo);
        Assert.All(
            demo.Events("QUORUM_REPORT_BAD"),
            report => Assert.Equal(
                "demo-node2", report.GetProperty("data").GetProperty("node-name").GetString()));
    }

    [Fact]
    public void Nbdcopy_goes_from_one_service_to_another()
    {
        using var scratch = new Scratch();
        using var scratchOfOther = new Scratch();
        var source = scratch.RandomFile("in.raw", 32);
        using var demo = DemoProcess.Start(scratch, new DemoOptions { Size = "32MiB" });
        using var other = DemoProcess.Start(scratchOfOther, new DemoOptions { Nodes = 2, Size = "32MiB" });
        Tool.Run("nbdcopy", source, demo.Uri).Succeeded();

        Tool.Run("nbdcopy", [.. Many, "--flush", demo.Uri, other.Uri]).Succeeded();

        Tool.Run("cmp", source, other.ReplicaFile(2)).Succeeded();
        Replicas.AssertIdentical(other, nodes: 2);
    }
}
