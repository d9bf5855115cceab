using System.Text.Json;
using Replication.EndToEnd.Commands;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Clients;

/// <summary>A second, read-only export of a volume, made while the first is in use.</summary>
public sealed class ReadOnlyExportTests
{
    [Fact]
    public void A_read_only_export_is_listed_with_its_description_read_by_clients_and_not_written()
    {
        using var scratch = new Scratch();
        var source = scratch.RandomFile("in.raw", 64);
        using var demo = DemoProcess.Start(scratch);
        Tool.Run("nbdcopy", "--flush", source, demo.Uri).Succeeded();
        AddExport(demo);
        var uri = demo.Uri.Replace("/demo", "/archive", StringComparison.Ordinal);

        AssertListed(demo);
        Tool.Run("nbdinfo", "--is", "read-only", uri).Succeeded();
        Assert.Equal(2, Tool.Run("nbdinfo", "--can", "write", uri).ExitCode);
        Assert.Equal(2, Tool.Run("nbdinfo", "--can", "trim", uri).ExitCode);
        Assert.Equal(2, Tool.Run("nbdinfo", "--is", "read-only", demo.Uri).ExitCode);
        Tool.Run("nbdcopy", "--connections=8", uri, scratch.File("out.raw")).Succeeded();
        Tool.Run("cmp", source, scratch.File("out.raw")).Succeeded();
        Tool.Run("qemu-img", "compare", "-f", "raw", "-F", "raw", source, uri).Succeeded();
        Tool.Nbdsh(uri, """
            import errno
            h.set_strict_mode(0)
            def error(call):
                try:
                    call()
                except nbd.Error as e:
                    return e.errnum
                return 0
            assert error(lambda: h.pwrite(bytes(512), 0)) == errno.EPERM
            assert error(lambda: h.zero(512, 0)) == errno.EPERM
            assert error(lambda: h.trim(512, 0)) == errno.EPERM
            assert len(h.pread(512, 0)) == 512
            """).Succeeded();
        Tool.QemuIo(demo.Uri, "write -P 0x11 0 64k", "flush").Succeeded();
        Tool.Run("qemu-io", "-r", "-f", "raw", "-c", "read -P 0x11 0 64k", uri).Succeeded();
    }

    [Fact]
    public void A_read_by_a_read_only_export_repairs_a_replica_that_lies()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 1M", "flush").Succeeded();
        AddExport(demo);
        Replicas.Corrupt(demo.ReplicaFile(2), 65536, 65536, 0xee);

        Tool.Run(
            "qemu-io", "-r", "-f", "raw", "-c", "read -P 0x5a 0 1M",
            demo.Uri.Replace("/demo", "/archive", StringComparison.Ordinal)).Succeeded();

        Replicas.AwaitRepair(demo);
        Assert.Single(demo.Events("QUORUM_REPORT_BAD"));
    }

    private static void AddExport(DemoProcess demo)
    {
        using var client = new QmpClient(demo.QmpPath);
        client.Negotiate();
        var answer = client.Execute(
            """{"execute": "block-export-add", "arguments": {"type": "nbd", "id": "second","""
            + """ "node-name": "demo", "name": "archive", "writable": false,"""
            + """ "description": "for reading"}}""");
        Assert.True(answer.TryGetProperty("return", out _), answer.ToString());
    }

    private static void AssertListed(DemoProcess demo)
    {
        var server = demo.Uri.Replace("/demo", "/", StringComparison.Ordinal);
        using var document = JsonDocument.Parse(
            Tool.Run("nbdinfo", "--list", "--json", server).Succeeded().Output);
        var export = document.RootElement.GetProperty("exports").EnumerateArray()
            .Single(item => item.GetProperty("export-name").GetString() == "archive");
        Assert.Equal("for reading", export.GetProperty("description").GetString());
        Assert.True(export.GetProperty("is_read_only").GetBoolean());
        Assert.Contains(
            "description: for reading",
            Tool.Run("nbdinfo", "--list", server).Succeeded().Output,
            StringComparison.Ordinal);
    }
}
