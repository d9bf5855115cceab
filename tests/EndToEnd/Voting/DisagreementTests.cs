using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Voting;

/// <summary>Two replicas that lie differently: per 4 KiB block there is a majority, or an error, never a
/// guess.</summary>
public sealed class DisagreementTests
{
    private const int Block = 4096;

    [Fact]
    public void Two_different_liars_in_one_block_give_EIO_and_nothing_is_rewritten()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 1M", "flush").Succeeded();
        Replicas.Corrupt(demo.ReplicaFile(1), 16 * Block, Block, 0xe1);
        Replicas.Corrupt(demo.ReplicaFile(2), 16 * Block, Block, 0xe2);

        Tool.Nbdsh(demo.Uri, """
            import errno
            def error(call):
                try:
                    call()
                except nbd.Error as e:
                    return e.errnum
                return 0
            assert error(lambda: h.pread(4096, 16 * 4096)) == errno.EIO
            assert error(lambda: h.pread(1 << 20, 0)) == errno.EIO
            assert h.pread(16 * 4096, 0) == b"\x5a" * (16 * 4096)
            assert h.pread(65536, 17 * 4096) == b"\x5a" * 65536
            """).Succeeded();

        var data = demo.Events("QUORUM_FAILURE")[0].GetProperty("data");
        Assert.Equal("demo", data.GetProperty("reference").GetString());
        Assert.Equal(128, data.GetProperty("sector-num").GetInt64());
        Assert.Equal(8, data.GetProperty("sectors-count").GetInt64());
        Assert.Equal(0, demo.Terminate());
        byte[] held = [0xe1, 0xe2, 0x5a];
        for (var node = 1; node <= 3; node++)
        {
            Assert.All(
                Replicas.Bytes(demo.ReplicaFile(node), 16 * Block, Block),
                value => Assert.Equal(held[node - 1], value));
        }
    }

    [Fact]
    public void Blocks_of_a_larger_read_are_judged_on_their_own()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 1M", "flush").Succeeded();
        Replicas.Corrupt(demo.ReplicaFile(1), 16 * Block, Block, 0xe1);
        Replicas.Corrupt(demo.ReplicaFile(2), 40 * Block, Block, 0xe2);
        Replicas.Corrupt(demo.ReplicaFile(3), 80 * Block, Block, 0xe3);

        Tool.QemuIo(demo.Uri, "read -P 0x5a 0 1M").Succeeded();
        Replicas.AwaitRepair(demo);

        Assert.Empty(demo.Events("QUORUM_FAILURE"));
        Assert.Equal(
            ["demo-node1", "demo-node2", "demo-node3"],
            demo.Events("QUORUM_REPORT_BAD")
                .Select(item => item.GetProperty("data").GetProperty("node-name").GetString())
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.Equal(0, demo.Terminate());
        Replicas.AssertIdentical(demo);
    }

    [Fact]
    public void A_write_over_the_block_makes_it_readable_again()
    {
        using var scratch = new Scratch();
        using var demo = DemoProcess.Start(scratch);
        Tool.QemuIo(demo.Uri, "write -P 0x5a 0 64k").Succeeded();
        Replicas.Corrupt(demo.ReplicaFile(2), 0, Block, 0xe1);
        Replicas.Corrupt(demo.ReplicaFile(3), 0, Block, 0xe2);
        Assert.NotEqual(0, Tool.QemuIo(demo.Uri, "read 0 4k").ExitCode);

        Tool.QemuIo(demo.Uri, "write -P 0x77 0 4k", "read -P 0x77 0 4k", "read -P 0x5a 4k 60k").Succeeded();

        Assert.Equal(0, demo.Terminate());
        Replicas.AssertIdentical(demo);
    }
}
