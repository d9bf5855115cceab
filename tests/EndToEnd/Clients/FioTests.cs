using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Clients;

/// <summary>fio writes at random with many requests in flight and checks every block it reads back.</summary>
public sealed class FioTests
{
    [Theory]
    [InlineData("randwrite", "4k-64k", "64m")]
    [InlineData("randrw", "4k-4k", "16m")]
    public void Fio_verifies_its_own_writes(string pattern, string blockSizes, string size)
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        var result = Tool.Run(
            "fio", "--name=verify", "--ioengine=nbd", $"--uri={demo.Uri}", $"--rw={pattern}",
            $"--bsrange={blockSizes}", $"--size={size}", "--iodepth=16", "--verify=xxhash",
            "--verify_fatal=1", "--do_verify=1", "--fsync=64", "--output-format=terse",
            $"--aux-path={scratch.Path}").Succeeded();

        Assert.DoesNotContain("verify:", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, demo.Terminate());
        Replicas.AssertIdentical(demo);
    }

    [Fact]
    public void Fio_verifies_what_four_connections_wrote_at_once()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);

        var result = Tool.Run(
            "fio", "--name=verify", "--ioengine=nbd", $"--uri={demo.Uri}", "--rw=randrw",
            "--bsrange=512-128k", "--bs_unaligned=1", "--size=16m", "--offset_increment=16m", "--numjobs=4",
            "--iodepth=8", "--verify=crc32c", "--verify_fatal=1", "--verify_backlog=64", "--fsync=32",
            "--output-format=terse", $"--aux-path={scratch.Path}").Succeeded();

        Assert.DoesNotContain("verify:", result.Error, StringComparison.Ordinal);
        Replicas.AssertIdentical(demo);
    }
}
