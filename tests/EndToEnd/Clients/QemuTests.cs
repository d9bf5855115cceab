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
}
