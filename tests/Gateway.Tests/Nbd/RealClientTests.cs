using System.Text.Json;
using Replication.Gateway.Exports;

namespace Replication.Gateway.Tests.Nbd;

/// <summary>Clients that people use, as separate processes, against the server in this one.</summary>
public sealed class RealClientTests
{
    [Fact]
    public async Task Nbdinfo_reads_everything_that_is_offered()
    {
        await using TestServer server = new();
        using JsonDocument told = JsonDocument.Parse(await RunAsync("nbdinfo", "--json", server.Uri));
        JsonElement export = told.RootElement.GetProperty("exports")[0];
        Assert.Equal("newstyle-fixed", told.RootElement.GetProperty("protocol").GetString());
        Assert.True(told.RootElement.GetProperty("structured").GetBoolean());
        Assert.Equal("a test's disk", export.GetProperty("description").GetString());
        Assert.Equal(TestServer.SizeBytes, export.GetProperty("export-size").GetInt64());
        Assert.Equal("base:allocation", export.GetProperty("contexts")[0].GetString());
        Assert.False(export.GetProperty("is_read_only").GetBoolean());
        string[] features = ["cache", "df", "fast_zero", "flush", "fua", "multi_conn", "trim", "zero"];
        foreach (string feature in features)
        {
            Assert.True(export.GetProperty($"can_{feature}").GetBoolean(), feature);
        }

        Assert.Equal(1, export.GetProperty("block_size_minimum").GetInt64());
        Assert.Equal(4096, export.GetProperty("block_size_preferred").GetInt64());
        Assert.Equal(33554432, export.GetProperty("block_size_maximum").GetInt64());
    }

    [Fact]
    public async Task Nbdinfo_lists_every_export()
    {
        await using TestServer server = new();
        server.Exports.Add(new Export("second one", 512, server.Volume, ReadOnly: true, string.Empty));
        string list = await RunAsync("nbdinfo", "--json", "--list", server.Uri);
        using JsonDocument told = JsonDocument.Parse(list);
        Assert.Equal(
            ["disk", "second one"],
            told.RootElement.GetProperty("exports").EnumerateArray().Select(
                export => export.GetProperty("export-name").GetString()));
    }

    [Fact]
    public async Task Qemu_img_sees_size_and_map()
    {
        await using TestServer server = new();
        server.Volume.Data[1 << 20] = 1;
        using JsonDocument info = JsonDocument.Parse(
            await RunAsync("qemu-img", "info", "--output=json", "-f", "raw", server.Uri));
        Assert.Equal(TestServer.SizeBytes, info.RootElement.GetProperty("virtual-size").GetInt64());
        using JsonDocument map = JsonDocument.Parse(
            await RunAsync("qemu-img", "map", "--output=json", "-f", "raw", server.Uri));
        Assert.Equal(
            [(0L, true), (1L << 20, false), ((1L << 20) + 65536, true)],
            map.RootElement.EnumerateArray().Select(
                e => (e.GetProperty("start").GetInt64(), e.GetProperty("zero").GetBoolean())));
    }

    [Fact]
    public async Task Qemu_io_writes_reads_trims_zeroes_and_flushes()
    {
        await using TestServer server = new();
        string[] commands =
        [
            "write -P 0x5a 4095 65538", "read -P 0x5a 4095 65538", "write -f -P 0xa5 0 512",
            "read -P 0xa5 0 512", "aio_write -P 1 1M 64k", "aio_write -P 2 1088k 64k", "aio_flush",
            "read -P 1 1M 64k", "read -P 2 1088k 64k", "discard 1M 64k", "read -P 0 1M 64k",
            "write -z 1088k 4k", "read -P 0 1088k 4k", "write -z -u 0 4k", "flush",
        ];
        string[] arguments = ["-f", "raw", .. commands.SelectMany(c => new[] { "-c", c }), server.Uri];
        string told = await RunAsync("qemu-io", arguments);
        Assert.DoesNotContain("failed", told, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0x5a, server.Volume.Data[4096]);
    }

    [Fact]
    public async Task Nbdcopy_brings_a_file_in_and_out_over_several_connections()
    {
        await using TestServer server = new();
        string source = Path.Combine(server.Folder, "source");
        string back = Path.Combine(server.Folder, "back");
        byte[] content = new byte[TestServer.SizeBytes];
        new Random(3).NextBytes(content);
        content.AsSpan(1 << 20, 1 << 20).Clear();
        File.WriteAllBytes(source, content);
        string address = server.Server.Listen("127.0.0.1:0").ToNbdUri("disk");
        await RunAsync("nbdcopy", "--connections=4", "--requests=32", "--flush", source, address);
        Assert.Equal(content, server.Volume.Data);
        await RunAsync("nbdcopy", "--connections=4", "--requests=32", server.Uri, back);
        Assert.Equal(content, File.ReadAllBytes(back));
    }

    [Fact]
    public async Task Libnbd_sees_errors_and_goes_on()
    {
        await using TestServer server = new();
        server.Volume.FailNext(5);
        const string Script = """
            import errno, nbd
            h = nbd.NBD()
            h.add_meta_context("base:allocation")
            h.set_strict_mode(0)
            h.connect_uri(URI)
            def fails(number, call):
                try:
                    call()
                except nbd.Error as e:
                    assert e.errnum == number, e
                else:
                    assert False, "no error"
            fails(errno.EIO, lambda: h.pread(512, 0))
            h.pwrite(b"abcd" * 128, 512, nbd.CMD_FLAG_FUA)
            assert h.pread(512, 512) == b"abcd" * 128
            fails(errno.EINVAL, lambda: h.pread(512, h.get_size()))
            fails(errno.ENOSPC, lambda: h.pwrite(b"x", h.get_size()))
            fails(errno.ENOTSUP, lambda: h.zero(512, 0, nbd.CMD_FLAG_FAST_ZERO | nbd.CMD_FLAG_NO_HOLE))
            h.zero(512, 512, nbd.CMD_FLAG_FAST_ZERO)
            h.trim(512, 0, nbd.CMD_FLAG_FUA)
            h.cache(4096, 0)
            h.flush(nbd.CMD_FLAG_FUA)
            assert h.pread(1024, 0) == bytes(1024)
            seen = []
            h.block_status(h.get_size(), 0, lambda c, o, e, err: seen.append((c, o, e)) or 0)
            assert seen == [("base:allocation", 0, [h.get_size(), 3])], seen
            h.shutdown()
            print("fine")
            """;
        string script = Path.Combine(server.Folder, "script.py");
        File.WriteAllText(script, Script.Replace("URI", $"\"{server.Uri}\"", StringComparison.Ordinal));
        Assert.Equal("fine\n", await RunAsync("python3", script));
    }

    [Fact]
    public async Task Fio_verifies_what_it_wrote_at_depth()
    {
        await using TestServer server = new();
        string told = await RunAsync(
            "fio", "--name=verify", "--ioengine=nbd", $"--uri={server.Uri}", "--rw=randwrite",
            "--bsrange=512-64k", "--size=4m", "--iodepth=32", "--verify=crc32c", "--do_verify=1",
            $"--aux-path={server.Folder}");
        Assert.Contains("err= 0", told, StringComparison.Ordinal);
    }

    private static Task<string> RunAsync(string program, params string[] arguments) =>
        ClientProgram.RunAsync(program, arguments);
}
