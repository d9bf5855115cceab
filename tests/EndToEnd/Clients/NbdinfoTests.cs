using System.Text.Json;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Clients;

/// <summary>nbdinfo shows what is served, and what it can do.</summary>
public sealed class NbdinfoTests
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
    public void Nbdinfo_tells_people_and_scripts_what_the_export_can_do()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        var server = demo.Uri.Replace("/demo", "/", StringComparison.Ordinal);

        var list = Tool.Run("nbdinfo", "--list", server).Succeeded().Output;

        Assert.Contains("export=\"demo\":", list, StringComparison.Ordinal);
        Assert.Contains("export-size: 67108864 (64M)", list, StringComparison.Ordinal);
        Assert.Equal("67108864", Tool.Run("nbdinfo", "--size", demo.Uri).Succeeded().Output.Trim());
        Assert.All(
            [
                "cache", "connect", "df", "fast-zero", "flush", "fua", "multi-conn", "read", "trim", "write",
                "zero", "structured-reply",
            ],
            ability => Tool.Run("nbdinfo", "--can", ability, demo.Uri).Succeeded());
        Assert.All(
            ["read-only", "rotational", "tls"],
            property => Assert.Equal(2, Tool.Run("nbdinfo", "--is", property, demo.Uri).ExitCode));
    }

    [Fact]
    public void Nbdinfo_is_refused_a_name_that_no_export_has()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        var result = Tool.Run(
            "nbdinfo", demo.Uri.Replace("/demo", "/other", StringComparison.Ordinal));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("No such file or directory", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Nbdinfo_totals_of_the_map_follow_writes_and_discards()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        Assert.Equal([(64L << 20, 3L)], Totals(demo.Uri));
        Tool.QemuIo(demo.Uri, "write -P 0x11 4M 1M", "write -P 0x11 32M 2M", "flush").Succeeded();
        Assert.Equal([(3L << 20, 0L), (61L << 20, 3L)], Totals(demo.Uri));
        Tool.QemuIo(demo.Uri, "discard 32M 1M", "flush").Succeeded();
        Assert.Equal([(2L << 20, 0L), (62L << 20, 3L)], Totals(demo.Uri));
    }

    private static IEnumerable<(long Bytes, long Type)> Totals(string uri)
    {
        using var document = JsonDocument.Parse(
            Tool.Run("nbdinfo", "--map", "--totals", "--json", uri).Succeeded().Output);
        return [.. document.RootElement.EnumerateArray().Select(item => (
            item.GetProperty("size").GetInt64(), item.GetProperty("type").GetInt64()))];
    }
}
