using System.Diagnostics;
using Replication.Actors.Disk;
using Replication.ReplicaNode.Disk;

namespace Replication.ReplicaNode.Tests.Disk;

public sealed class FileDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Answers _answers = new();
    private readonly FileDisk _disk;

    public FileDiskTests() => _disk = new FileDisk(_folder.Of("node1"));

    public void Dispose()
    {
        _disk.Dispose();
        _answers.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_new_file_is_sparse_has_its_length_and_its_folders()
    {
        using IBlockDevice device =
            _answers.OpenDevice(_disk, "volumes/demo/data.raw", DiskOpenMode.New, 1L << 40);

        FileInfo file = new(_folder.Of("node1/volumes/demo/data.raw"));
        Assert.Equal(1L << 40, file.Length);
        Assert.Equal(1L << 40, device.LengthBytes);
        DiskOperation extents = _answers.RunOnRange(device, DiskOperationKind.QueryExtents, 0, 1L << 40);
        Assert.Equal([new DiskExtent(0, 1L << 40, IsHole: true)], extents.Extents);
    }

    [Fact]
    public void A_file_that_must_exist_and_does_not_is_ENOENT_and_leaves_no_folder()
    {
        Assert.Equal(Errno.NoEntry, Open("volumes/demo/data.raw", DiskOpenMode.Existing).Errno);
        Assert.False(Directory.Exists(_folder.Of("node1/volumes")));
    }

    [Fact]
    public void A_file_that_must_be_new_and_exists_is_EEXIST_with_its_content_untouched()
    {
        Directory.CreateDirectory(_folder.Of("node1/a"));
        File.WriteAllText(_folder.Of("node1/a/b"), "precious");

        Assert.Equal(Errno.Exists, Open("a/b", DiskOpenMode.New).Errno);
        Assert.Equal("precious", File.ReadAllText(_folder.Of("node1/a/b")));
    }

    [Fact]
    public void Any_mode_says_whether_it_created_the_file()
    {
        DiskFileOpened first = Open("a", DiskOpenMode.Any);
        Assert.True(first.Created);
        first.Device!.Dispose();

        DiskFileOpened second = Open("a", DiskOpenMode.Any);
        Assert.False(second.Created);
        second.Device!.Dispose();
    }

    [Fact]
    public void An_open_file_is_locked_until_its_device_is_disposed()
    {
        IBlockDevice device = _answers.OpenDevice(_disk, "a", DiskOpenMode.New, 4096);
        Assert.Equal(Errno.TryAgain, Open("a", DiskOpenMode.Existing).Errno);

        device.Dispose();
        _answers.OpenDevice(_disk, "a", DiskOpenMode.Existing).Dispose();
    }

    [Fact]
    public void A_file_that_another_process_holds_is_EAGAIN()
    {
        _answers.OpenDevice(_disk, "a", DiskOpenMode.New, 4096).Dispose();
        using Process holder = Process.Start(new ProcessStartInfo("flock")
        {
            ArgumentList = { "--exclusive", _folder.Of("node1/a"), "sh", "-c", "echo held; read line" },
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("held", holder.StandardOutput.ReadLine());

        Assert.Equal(Errno.TryAgain, Open("a", DiskOpenMode.Existing).Errno);

        holder.StandardInput.Close();
        holder.WaitForExit();
        _answers.OpenDevice(_disk, "a", DiskOpenMode.Existing).Dispose();
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../other")]
    [InlineData("a/../../other")]
    [InlineData("a//b")]
    [InlineData("a\0b")]
    public void A_path_that_leaves_the_folder_is_EINVAL(string path)
    {
        Assert.Equal(Errno.Invalid, Open(path, DiskOpenMode.Any).Errno);
        _disk.List(path, _answers);
        Assert.Equal(Errno.Invalid, _answers.Next<DiskFolderListed>().Errno);
        _disk.Move(path, "b", _answers);
        Assert.Equal(Errno.Invalid, _answers.Next<DiskEntryMoved>().Errno);
    }

    [Fact]
    public void Entries_are_listed_in_ordinal_order_and_a_missing_folder_is_empty()
    {
        foreach (string name in (string[])["b", "a", "B", "a-1"])
        {
            _answers.OpenDevice(_disk, $"volumes/{name}/data.raw", DiskOpenMode.New).Dispose();
        }

        _disk.List("volumes", _answers);
        Assert.Equal(["B", "a", "a-1", "b"], _answers.Next<DiskFolderListed>().Names);
        _disk.List("trash", _answers);
        DiskFolderListed missing = _answers.Next<DiskFolderListed>();
        Assert.Equal((0, 0), (missing.Errno, missing.Names.Count));
    }

    [Fact]
    public void A_folder_moves_with_what_is_in_it_and_never_over_another()
    {
        _answers.OpenDevice(_disk, "new/a/data.raw", DiskOpenMode.New, 4096).Dispose();
        _disk.Move("new/a", "volumes/demo", _answers);
        Assert.Equal(0, _answers.Next<DiskEntryMoved>().Errno);
        Assert.True(File.Exists(_folder.Of("node1/volumes/demo/data.raw")));

        Directory.CreateDirectory(_folder.Of("node1/new/b"));
        _disk.Move("new/b", "volumes/demo", _answers);
        Assert.Equal(Errno.Exists, _answers.Next<DiskEntryMoved>().Errno);
        _disk.Move("new/nothing", "volumes/other", _answers);
        Assert.Equal(Errno.NoEntry, _answers.Next<DiskEntryMoved>().Errno);
    }

    private DiskFileOpened Open(string path, DiskOpenMode mode)
    {
        _disk.Open(path, mode, lengthBytes: 4096, _answers);
        return _answers.Next<DiskFileOpened>();
    }
}
