using System.Diagnostics;
using System.Globalization;

namespace Replication.ReplicaNode.Tests.Disk;

/// <summary>
/// A file whose every flush fails with EIO: qemu-storage-daemon serves it by FUSE from a blkdebug node over
/// an image, mounted on top of an existing file.
/// </summary>
internal sealed class FailingFile : IDisposable
{
    private readonly string _mountPoint;
    private readonly string _pidFile;

    /// <summary>Mounts it over <paramref name="mountPoint"/>; it is served when this returns.</summary>
    internal FailingFile(TemporaryFolder folder, string mountPoint, long lengthBytes)
    {
        _mountPoint = mountPoint;
        _pidFile = folder.Of("qsd.pid");
        string image = folder.Of("backing.img");
        using (FileStream file = new(image, FileMode.CreateNew))
        {
            file.SetLength(lengthBytes);
        }

        string blockdev = $$"""
            {"driver": "blkdebug", "node-name": "bad",
             "image": {"driver": "file", "filename": "{{image}}"},
             "inject-error": [{"event": "none", "iotype": "flush", "errno": 5}]}
            """;
        Run(
            "qemu-storage-daemon",
            "--daemonize",
            "--pidfile",
            _pidFile,
            "--blockdev",
            blockdev,
            "--export",
            $"type=fuse,id=export,node-name=bad,mountpoint={mountPoint},writable=on");
    }

    public void Dispose()
    {
        Run("umount", "--lazy", _mountPoint);
        int pid = int.Parse(File.ReadAllText(_pidFile), CultureInfo.InvariantCulture);
        using Process daemon = Process.GetProcessById(pid);
        daemon.Kill();
        daemon.WaitForExit();
    }

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {errors}");
    }
}
