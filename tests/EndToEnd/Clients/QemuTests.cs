using System.Text.Json;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Clients;

/// <summary>QEMU's tools use a volume as any NBD export.</summary>
public sealed class QemuTests
{
    [Fact]
    public void Qemu_img_sees_the_volume_and_its_size()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        var info = Tool.Run("qemu-img", "info", "-f", "raw", "--output=json", demo.Uri).Succeeded().Output;

        using var document = JsonDocument.Parse(info);
        Assert.Equal(64L << 20, document.RootElement.GetProperty("virtual-size").GetInt64());
    }

    [Fact]
    public void Qemu_io_reads_back_what_it_wrote_zeroed_and_discarded()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Tool.QemuIo(
            demo.Uri,
            "read -P 0 0 1M",
            "write -P 0x11 0 1M",
            "write -P 0x22 -f 123457 777",
            "write -z 256k 64k",
            "write -z -u 384k 64k",
            "discard 512k 64k",
            "flush").Succeeded();
        Tool.QemuIo(
            demo.Uri,
            "read -P 0x11 0 123457",
            "read -P 0x22 123457 777",
            "read -P 0x11 124234 137910",
            "read -P 0 256k 64k",
            "read -P 0x11 320k 64k",
            "read -P 0 384k 64k",
            "read -P 0x11 448k 64k",
            "read -P 0 512k 64k",
            "read -P 0x11 576k 448k",
            "read -P 0 1M 1M").Succeeded();

        Assert.Equal(0, demo.Terminate());
        Replicas.AssertIdentical(demo);
    }

    [Fact]
    public void A_wrong_pattern_is_noticed_by_these_tests()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        var result = Tool.QemuIo(demo.Uri, "write -P 0x11 0 4k", "read -P 0x12 0 4k");

        Assert.NotEqual(0, result.ExitCode);
    }

    [Fact]
    public void A_discard_frees_space_on_every_replica_and_zeroes_without_unmap_take_it()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        string[] files = [.. Enumerable.Range(1, 3).Select(demo.ReplicaFile)];

        Assert.All(files, file => Assert.True(Replicas.AllocatedBytes(file) < 1 << 20));
        Tool.QemuIo(demo.Uri, "write -z 0 8M", "flush").Succeeded();
        Assert.All(files, file => Assert.True(Replicas.AllocatedBytes(file) >= 8 << 20));
        Tool.QemuIo(demo.Uri, "discard 0 8M", "flush").Succeeded();
        Assert.All(files, file => Assert.True(Replicas.AllocatedBytes(file) < 1 << 20));
    }

    [Fact]
    public void Ten_clients_at_once_each_read_their_own_writes()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Parallel.For(0, 10, new ParallelOptions { MaxDegreeOfParallelism = 10 }, client => Tool.QemuIo(
            demo.Uri,
            $"write -P {client + 1} {client}M 1M",
            $"read -P {client + 1} {client}M 1M").Succeeded());

        Assert.Equal(0, demo.Terminate());
        Replicas.AssertIdentical(demo);
    }

    [Fact]
    public void Qemu_img_converts_an_image_into_a_volume_and_out_again()
    {
        using var scratch = new Scratch();
        var source = scratch.RandomFile("in.raw", 24);
        Tool.Run("truncate", "-s", "64M", source).Succeeded();
        using var demo = DemoProcess.Start(scratch);
        string[] parallel = ["-m", "16", "-W"];

        Tool.Run("qemu-img", ["convert", "-n", .. parallel, "-f", "raw", "-O", "raw", source, demo.Uri])
            .Succeeded();
        Tool.Run("qemu-img", [
            "convert", .. parallel, "-f", "raw", "-O", "qcow2", demo.Uri, scratch.File("out.qcow2"),
        ]).Succeeded();

        Tool.Run("qemu-img", "compare", "-f", "raw", "-F", "raw", source, demo.Uri).Succeeded();
        Tool.Run("qemu-img", "compare", "-f", "raw", "-F", "qcow2", source, scratch.File("out.qcow2"))
            .Succeeded();
        Tool.QemuIo(demo.Uri, "write -P 0x5a 20M 512").Succeeded();
        Assert.Equal(
            1, Tool.Run("qemu-img", "compare", "-f", "raw", "-F", "raw", source, demo.Uri).ExitCode);
        Replicas.AssertIdentical(demo);
    }

    [Fact]
    public void Qemu_img_maps_what_was_written_and_nothing_else()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        Tool.QemuIo(demo.Uri, "write -P 0x11 1M 64k", "write -P 0x22 63M 1M", "flush").Succeeded();

        using var document = JsonDocument.Parse(
            Tool.Run("qemu-img", "map", "-f", "raw", "--output=json", demo.Uri).Succeeded().Output);

        Assert.Equal(
            [(1L << 20, 65536L), (63L << 20, 1L << 20)],
            document.RootElement.EnumerateArray()
                .Where(extent => extent.GetProperty("data").GetBoolean())
                .Select(extent => (
                    extent.GetProperty("start").GetInt64(), extent.GetProperty("length").GetInt64())));
        Assert.Equal(
            64L << 20,
            document.RootElement.EnumerateArray().Sum(extent => extent.GetProperty("length").GetInt64()));
    }

    [Theory]
    [InlineData("read", new[] { "-s", "4096", "-d", "32", "-c", "4000" })]
    [InlineData("write", new[] { "-w", "--pattern", "119", "-s", "65536", "-d", "16", "-c", "800" })]
    [InlineData("write", new[] { "-w", "--pattern", "119", "-s", "512", "-d", "16", "-c", "2000" })]
    [InlineData("write", new[] {
        "-w", "--pattern", "119", "--flush-interval=32", "--no-drain", "-s", "4096", "-d", "16", "-c", "1000",
    })]
    public void Qemu_img_bench_runs_to_its_end(string kind, string[] options)
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        var result = Tool.Run("qemu-img", ["bench", "-f", "raw", "-t", "none", .. options, demo.Uri])
            .Succeeded();

        Assert.Contains($"Sending {options[^1]} {kind} requests", result.Output, StringComparison.Ordinal);
        Assert.Contains("Run completed", result.Output, StringComparison.Ordinal);
        if (kind == "write")
        {
            Tool.QemuIo(demo.Uri, "read -P 119 0 1000k", "flush").Succeeded();
            Replicas.AssertIdentical(demo);
        }
    }
}
