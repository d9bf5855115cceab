using System.Diagnostics;
using Replication.EndToEnd.Processes;

namespace Replication.EndToEnd.Clients;

/// <summary>A volume as a file, by an nbdfuse process of its own. Disposing unmounts it and waits until
/// nbdfuse has ended, with all of it written.</summary>
internal sealed class VolumeFile : IDisposable
{
    private readonly string _folder;
    private readonly Process _nbdfuse;
    private bool _isMounted = true;

    public VolumeFile(Scratch scratch, string uri)
    {
        _folder = Directory.CreateDirectory(scratch.File("fuse")).FullName;
        Path = System.IO.Path.Combine(_folder, "disk");
        _nbdfuse = Process.Start(Tool.StartInfo("nbdfuse", null, [Path, uri]))!;
        Eventually.True(() => _nbdfuse.HasExited || File.Exists(Path), () => "nbdfuse has not mounted");
        Assert.False(_nbdfuse.HasExited, "nbdfuse ended at once; is there a /dev/fuse?");
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Brings a file into the ext4 file system on the volume: by the kernel where it may mount one,
    /// else by debugfs.</summary>
    public void Copy(string source, string name)
    {
        var mountPoint = Directory.CreateDirectory(_folder + "-ext4").FullName;
        if (Tool.Run("mount", "-t", "ext4", "-o", "loop", Path, mountPoint).ExitCode != 0)
        {
            Tool.Run("debugfs", "-w", "-R", $"write {source} {name}", Path).Succeeded();
            return;
        }

        try
        {
            Tool.Run("cp", source, System.IO.Path.Combine(mountPoint, name)).Succeeded();
        }
        finally
        {
            Tool.Run("umount", mountPoint).Succeeded();
        }
    }

    public void Dispose()
    {
        if (!_isMounted)
        {
            return;
        }

        _isMounted = false;
        Tool.Run("fusermount3", "-u", "-q", _folder);
        if (!_nbdfuse.WaitForExit(TimeSpan.FromSeconds(15)))
        {
            _nbdfuse.Kill();
            _nbdfuse.WaitForExit();
        }

        _nbdfuse.Dispose();
    }
}
