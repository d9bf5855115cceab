using System.Diagnostics;
using Replication.EndToEnd.Commands;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Durability;

/// <summary>
/// A replica's file behind a FUSE export of qemu-storage-daemon that is mounted on the file's own name. Its
/// flushes can be made to fail with EIO while it is in use. Needs /dev/fuse and root.
/// </summary>
internal sealed class FailingDisk : IDisposable
{
    private readonly Process _daemon;
    private readonly QmpClient _qmp;
    private readonly string _backing;
    private readonly string _mountPoint;

    /// <param name="scratch">Holds the daemon's socket and the real file.</param>
    /// <param name="node">Whose replica, of a demo that is not running.</param>
    public FailingDisk(Scratch scratch, int node)
    {
        _mountPoint = DemoProcess.ReplicaFile(scratch.File("data"), node);
        _backing = scratch.File($"backing{node}.raw");
        var socket = scratch.File($"disk{node}.sock");
        File.Move(_mountPoint, _backing);
        File.WriteAllBytes(_mountPoint, []);
        _daemon = Process.Start(Tool.StartInfo("qemu-storage-daemon", null, [
            "--blockdev", $"file,node-name=plain,filename={_backing},discard=unmap",
            "--blockdev", """
                {"driver": "blkdebug", "node-name": "failing", "image": "plain",
                 "inject-error": [{"event": "none", "iotype": "flush", "errno": 5}]}
                """,
            "--blockdev", """{"driver": "raw", "node-name": "disk", "file": "plain"}""",
            "--export", $"fuse,id=export,node-name=disk,mountpoint={_mountPoint},writable=on",
            "--chardev", $"socket,id=qmp,path={socket},server=on,wait=off", "--monitor", "chardev=qmp"]))!;
        Eventually.True(
            () => _daemon.HasExited || (File.Exists(socket) && new FileInfo(_mountPoint).Length > 0),
            () => "the FUSE export is not there");
        Assert.False(_daemon.HasExited, "qemu-storage-daemon cannot export by FUSE; is there a /dev/fuse?");
        _qmp = new QmpClient(socket);
        _qmp.Negotiate();
    }

    /// <summary>From now on every flush fails, and nothing else does.</summary>
    public void FailFlushes()
    {
        var answer = _qmp.Execute(
            """{"execute": "blockdev-reopen", "arguments": {"options": """
            + """[{"driver": "raw", "node-name": "disk", "file": "failing"}]}}""");
        Assert.True(answer.TryGetProperty("return", out _), answer.ToString());
    }

    /// <summary>Takes the export away and puts the real file back in its place: a good disk again. The
    /// service that used it must be gone.</summary>
    public void Dispose()
    {
        _qmp.Dispose();
        _daemon.Kill();
        _daemon.WaitForExit();
        _daemon.Dispose();
        Tool.Run("fusermount3", "-u", "-q", "-z", _mountPoint);
        File.Move(_backing, _mountPoint, overwrite: true);
    }
}
