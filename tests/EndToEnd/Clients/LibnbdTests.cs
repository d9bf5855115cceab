using System.Text.Json;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Clients;

/// <summary>libnbd's tools and its Python bindings use a volume as any NBD export.</summary>
public sealed class LibnbdTests
{
    [Fact]
    public void Nbdinfo_sees_what_the_server_advertises()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        using var document = JsonDocument.Parse(Tool.Run("nbdinfo", "--json", demo.Uri).Succeeded().Output);
        var export = document.RootElement.GetProperty("exports")[0];

        Assert.Equal("newstyle-fixed", document.RootElement.GetProperty("protocol").GetString());
        Assert.True(document.RootElement.GetProperty("structured").GetBoolean());
        Assert.Equal("demo", export.GetProperty("export-name").GetString());
        Assert.Equal(64L << 20, export.GetProperty("export-size").GetInt64());
        Assert.Equal("base:allocation", export.GetProperty("contexts")[0].GetString());
        Assert.False(export.GetProperty("is_read_only").GetBoolean());
        Assert.All(
            [
                "can_cache", "can_df", "can_fast_zero", "can_flush", "can_fua", "can_multi_conn", "can_trim",
                "can_zero",
            ],
            flag => Assert.True(export.GetProperty(flag).GetBoolean(), flag));
        Assert.Equal(1, export.GetProperty("block_size_minimum").GetInt64());
        Assert.Equal(4096, export.GetProperty("block_size_preferred").GetInt64());
        Assert.Equal(33554432, export.GetProperty("block_size_maximum").GetInt64());
    }

    [Fact]
    public void Nbdinfo_lists_the_volume()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        var server = demo.Uri.Replace("/demo", "/", StringComparison.Ordinal);

        using var document = JsonDocument.Parse(
            Tool.Run("nbdinfo", "--list", "--json", server).Succeeded().Output);

        Assert.Equal(
            ["demo"],
            document.RootElement.GetProperty("exports").EnumerateArray()
                .Select(export => export.GetProperty("export-name").GetString()));
    }

    [Fact]
    public void Nbdinfo_maps_data_and_holes()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        Tool.QemuIo(demo.Uri, "write -P 0x11 4M 1M", "flush").Succeeded();

        using var document = JsonDocument.Parse(
            Tool.Run("nbdinfo", "--map", "--json", demo.Uri).Succeeded().Output);

        Assert.Equal(
            [(0L, 4L << 20, 3L), (4L << 20, 1L << 20, 0L), (5L << 20, 59L << 20, 3L)],
            document.RootElement.EnumerateArray().Select(extent => (
                extent.GetProperty("offset").GetInt64(),
                extent.GetProperty("length").GetInt64(),
                extent.GetProperty("type").GetInt64())));
    }

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
    public void Python_scripts_read_write_zero_trim_flush_and_ask_for_block_status()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Tool.Nbdsh(demo.Uri, """
            import os
            data = os.urandom(300000)
            h.pwrite(data, 1000001, nbd.CMD_FLAG_FUA)
            assert h.pread(len(data), 1000001) == data
            assert h.pread(len(data), 1000001) == data
            h.zero(100000, 1100001)
            h.trim(65536, 1000001 + 200000)
            h.flush()
            back = h.pread(len(data), 1000001)
            assert back[:100000] == data[:100000]
            assert back[100000:200000] == bytes(100000)
            assert back[200000:265536] == bytes(65536)
            assert back[265536:] == data[265536:]
            assert h.pread_structured(4096, 1000001, lambda *_: 0, nbd.CMD_FLAG_DF) == data[:4096]
            h.cache(65536, 0)
            """).Succeeded();
    }

    [Fact]
    public void A_request_past_the_end_gets_its_error_and_the_connection_lives()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Tool.Nbdsh(demo.Uri, """
            import errno
            h.set_strict_mode(0)
            def error(call):
                try:
                    call()
                except nbd.Error as e:
                    return e.errnum
                return 0
            size = h.get_size()
            assert error(lambda: h.pread(512, size)) == errno.EINVAL
            assert error(lambda: h.pwrite(bytes(512), size)) == errno.ENOSPC
            assert error(lambda: h.zero(512, size)) == errno.ENOSPC
            assert error(lambda: h.trim(512, size)) == errno.EINVAL
            h.pwrite(b"a" * 512, size - 512)
            assert h.pread(512, size - 512) == b"a" * 512
            """).Succeeded();
    }

    [Fact]
    public void Writes_of_one_connection_are_read_by_another()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Tool.Nbdsh(demo.Uri, $"""
            other = nbd.NBD()
            other.connect_uri("{demo.Uri}")
            for i in range(1, 200):
                h.pwrite(bytes([i]) * 5000, i * 333)
                assert other.pread(5000, i * 333) == bytes([i]) * 5000
            other.flush()
            """).Succeeded();
    }
}
