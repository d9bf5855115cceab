using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Durability;

/// <summary>A replica whose fsync fails (P16) is recorded Stale before the flush is answered, or the volume
/// stops where too few would remain.</summary>
public sealed class FailedSyncTests
{
    private const string ErrorOf = """
        import errno
        def error(call):
            try:
                call()
            except nbd.Error as e:
                return e.errnum
            return 0

        """;

    [Fact]
    public void A_replica_whose_sync_fails_is_recorded_Stale_before_the_flush_is_answered()
    {
        using var scratch = new Scratch();
        MakeVolume(scratch);
        using (var disk = new FailingDisk(scratch, 2))
        using (var demo = DemoProcess.Start(scratch))
        {
            Tool.Nbdsh(demo.Uri, "h.pwrite(b'1' * 65536, 0); h.flush()").Succeeded();
            Assert.Equal("synced", demo.ChildState(2));
            disk.FailFlushes();

            Tool.Nbdsh(demo.Uri, "h.pwrite(b'2' * 65536, 0); h.flush()").Succeeded();

            // A crash right after the answer: only what was recorded durably is left.
            demo.Crash();
        }

        using var again = DemoProcess.Start(scratch);
        Assert.Equal("stale", again.ChildState(2));
        Assert.Equal("synced", again.ChildState(1));
        Assert.Equal("synced", again.ChildState(3));
        var report = Assert.Single(again.Events("QUORUM_REPORT_BAD")).GetProperty("data");
        Assert.Equal("flush", report.GetProperty("type").GetString());
        Assert.Equal("demo-node2", report.GetProperty("node-name").GetString());
        Assert.Equal("Input/output error", report.GetProperty("error").GetString());
        Assert.Equal(0, report.GetProperty("sector-num").GetInt64());
        Assert.Equal(0, report.GetProperty("sectors-count").GetInt64());
    }

    [Fact]
    public void A_replica_whose_sync_of_a_FUA_write_fails_is_recorded_Stale_and_the_write_is_acknowledged()
    {
        using var scratch = new Scratch();
        MakeVolume(scratch);
        using var disk = new FailingDisk(scratch, 1);
        using var demo = DemoProcess.Start(scratch);
        disk.FailFlushes();

        Tool.Nbdsh(demo.Uri, "h.pwrite(b'2' * 512, 1024, nbd.CMD_FLAG_FUA)").Succeeded();

        Assert.Equal("stale", demo.ChildState(1));
        var report = Assert.Single(demo.Events("QUORUM_REPORT_BAD")).GetProperty("data");
        Assert.Equal("write", report.GetProperty("type").GetString());
        Assert.Equal("demo-node1", report.GetProperty("node-name").GetString());
        Assert.Equal(2, report.GetProperty("sector-num").GetInt64());
        Assert.Equal(1, report.GetProperty("sectors-count").GetInt64());
    }

    [Fact]
    public void A_Stale_replica_no_longer_votes()
    {
        using var scratch = new Scratch();
        MakeVolume(scratch);
        using var disk = new FailingDisk(scratch, 3);
        using var demo = DemoProcess.Start(scratch);
        disk.FailFlushes();
        Tool.QemuIo(demo.Uri, "write -P 0x11 0 64k", "flush", "write -P 0x22 0 64k", "flush").Succeeded();
        Assert.Equal("stale", demo.ChildState(3));
        Replicas.Corrupt(demo.ReplicaFile(1), 0, 4096, 0xee);

        // Two voters that differ and a threshold of two: no winner, whatever the third would say.
        Assert.NotEqual(0, Tool.QemuIo(demo.Uri, "read 0 4k").ExitCode);
        Tool.QemuIo(demo.Uri, "read -P 0x22 4k 60k").Succeeded();
    }

    [Fact]
    public void Where_fewer_than_the_threshold_would_remain_all_requests_fail_until_restart()
    {
        using var scratch = new Scratch();
        MakeVolume(scratch);
        using (var first = new FailingDisk(scratch, 1))
        using (var second = new FailingDisk(scratch, 2))
        using (var demo = DemoProcess.Start(scratch))
        {
            Tool.QemuIo(demo.Uri, "write -P 0x11 0 64k", "flush").Succeeded();
            first.FailFlushes();
            second.FailFlushes();

            Tool.Nbdsh(demo.Uri, ErrorOf + """
                h.pwrite(b"\x22" * 4096, 0)
                assert error(h.flush) == errno.EIO
                assert error(h.flush) == errno.EIO
                assert error(lambda: h.pread(4096, 0)) == errno.EIO
                assert error(lambda: h.pread(4096, 1 << 20)) == errno.EIO
                assert error(lambda: h.pwrite(bytes(4096), 0)) == errno.EIO
                assert error(lambda: h.zero(4096, 0)) == errno.EIO
                """).Succeeded();
            Assert.NotEqual(0, Tool.QemuIo(demo.Uri, "read 0 4k").ExitCode);
            demo.Terminate();
        }

        // What the third alone is known to have goes to the other two before anything is served (P12).
        using var again = DemoProcess.Start(scratch);
        Eventually.True(
            () => Enumerable.Range(1, 3).All(node => again.ChildState(node) == "synced"),
            () => again.Command("status").Output);
        Tool.QemuIo(again.Uri, "read -P 0x11 4k 60k", "write -P 0x33 0 64k", "read -P 0x33 0 64k", "flush")
            .Succeeded();
    }

    private static void MakeVolume(Scratch scratch)
    {
        using var demo = DemoProcess.Start(scratch);
        Assert.Equal(0, demo.Terminate());
    }
}
