using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Clients;

/// <summary>A volume as a file by nbdfuse, with an ext4 file system on it. Needs /dev/fuse.</summary>
public sealed class NbdfuseTests
{
    [Fact]
    public void A_file_system_on_a_volume_stays_whole_over_a_disk_that_lies()
    {
        using var scratch = new Scratch();
        var source = scratch.RandomFile("in.bin", 4);
        using var demo = DemoProcess.Start(scratch, new DemoOptions { Size = "16MiB" });
        using (var file = new VolumeFile(scratch, demo.Uri))
        {
            Tool.Run("mkfs.ext4", "-q", "-F", file.Path).Succeeded();
            Tool.Run("debugfs", "-w", "-R", $"write {source} kept", file.Path).Succeeded();
            AssertClean(file);
        }

        // All of one replica is something else: superblock, inodes, data.
        Replicas.Corrupt(demo.ReplicaFile(1), 0, 16 << 20, 0xee);
        using (var file = new VolumeFile(scratch, demo.Uri))
        {
            AssertClean(file);
            Tool.Run("debugfs", "-R", $"dump kept {scratch.File("out.bin")}", file.Path).Succeeded();
            Tool.Run("cmp", source, scratch.File("out.bin")).Succeeded();
            Tool.Run("cat", file.Path).Succeeded(); // What nobody reads stays wrong.
        }

        Replicas.AwaitRepair(demo);
        Assert.Equal(0, demo.Terminate());
        Tool.Run("e2fsck", "-f", "-n", demo.ReplicaFile(1)).Succeeded();
    }

    [Fact]
    public void A_mounted_file_system_keeps_what_was_written_over_a_restart()
    {
        using var scratch = new Scratch();
        var source = scratch.RandomFile("in.bin", 8);
        using (var demo = DemoProcess.Start(scratch))
        using (var file = new VolumeFile(scratch, demo.Uri))
        {
            Tool.Run("mkfs.ext4", "-q", "-F", file.Path).Succeeded();
            file.Copy(source, "kept");
            file.Dispose();
            Assert.Equal(0, demo.Terminate());
        }

        using var again = DemoProcess.Start(scratch);
        using var fileAgain = new VolumeFile(scratch, again.Uri);
        AssertClean(fileAgain);
        Tool.Run("debugfs", "-R", $"dump kept {scratch.File("out.bin")}", fileAgain.Path).Succeeded();
        Tool.Run("cmp", source, scratch.File("out.bin")).Succeeded();
        Replicas.AssertIdentical(again);
    }

    private static void AssertClean(VolumeFile file) =>
        Tool.Run("e2fsck", "-f", "-n", file.Path).Succeeded();
}
