using System.Collections.Concurrent;
using Replication.Actors;
using Replication.Actors.Disk;
using Replication.ReplicaNode.Disk;

namespace Replication.ReplicaNode.Tests.Disk;

public sealed class FileDeviceTests : IDisposable
{
    private const int Length = 8 << 20;
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly Answers _answers = new();
    private readonly FileDisk _disk;
    private readonly IBlockDevice _device;

    public FileDeviceTests()
    {
        _disk = new FileDisk(_folder.Path);
        _device = _answers.OpenDevice(_disk, "data.raw", DiskOpenMode.New, Length);
    }

    public void Dispose()
    {
        _device.Dispose();
        _disk.Dispose();
        _answers.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(FileDevice.CachedInlineMaxBytes)]
    [InlineData(FileDevice.CachedInlineMaxBytes + 1)]
    [InlineData(FileDevice.InMemoryInlineMaxBytes)]
    [InlineData(3 << 20)]
    public void What_was_written_is_read_back(int lengthBytes)
    {
        byte[] content = Noise(lengthBytes);
        Assert.Equal(0, _answers.Write(_device, 12_345, content).Errno);
        Assert.Equal(content, _answers.Read(_device, 12_345, lengthBytes));
        Assert.Equal(content, RawFile.Read(_folder.Of("data.raw"))[12_345..(12_345 + lengthBytes)]);
    }

    /// <summary>/dev/shm is memory on every Linux.</summary>
    [Theory]
    [InlineData(FileDevice.InMemoryInlineMaxBytes, true)]
    [InlineData(FileDevice.InMemoryInlineMaxBytes + 1, false)]
    public void In_a_file_system_of_memory_short_transfers_need_no_other_thread(int lengthBytes, bool isShort)
    {
        string folder = Path.Combine("/dev/shm", Path.GetRandomFileName());
        using (FileDisk disk = new(folder))
        {
            using IBlockDevice device = _answers.OpenDevice(disk, "data.raw", DiskOpenMode.New, Length);
            ThreadNotingRef owner = new();
            byte[] content = Noise(lengthBytes);
            device.Submit(new DiskOperation(DiskOperationKind.Write, owner) { Buffer = content });
            DiskOperation read = new(DiskOperationKind.Read, owner) { Buffer = new byte[lengthBytes] };
            Assert.True(SpinWait.SpinUntil(() => owner.Threads.Count == 1, HangLimit));
            device.Submit(read);
            Assert.True(SpinWait.SpinUntil(() => owner.Threads.Count == 2, HangLimit));
            Assert.Equal(content, read.Buffer.ToArray());
            int here = Environment.CurrentManagedThreadId;
            Assert.All(owner.Threads, thread => Assert.Equal(isShort, thread == here));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_read_past_the_end_gives_zeroes_there()
    {
        byte[] content = Noise(4096);
        _answers.Write(_device, Length - 4096, content);
        byte[] read = _answers.Read(_device, Length - 4096, 8192);
        Assert.Equal([.. content, .. new byte[4096]], read);
    }

    [Fact]
    public void A_write_past_the_end_makes_the_file_longer()
    {
        Assert.Equal(0, _answers.Write(_device, Length + 4095, [7]).Errno);
        Assert.Equal(Length + 4096, new FileInfo(_folder.Of("data.raw")).Length);
    }

    /// <summary>
    /// A page that a failed sync gave up looks clean: whoever opens the file sees what the disk has. The
    /// build's folder is used since a temporary one may lie in memory, where there is nothing but the cache.
    /// </summary>
    [Fact]
    public void Opening_a_file_drops_what_its_cache_does_not_have_to_write()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, Path.GetRandomFileName());
        string path = Path.Combine(folder, "data.raw");
        byte[] content = Noise(1 << 20);
        using (FileDisk disk = new(folder))
        {
            using (IBlockDevice device = _answers.OpenDevice(disk, "data.raw", DiskOpenMode.New, Length))
            {
                _answers.Write(device, 0, content, syncAfter: true);
            }

            Assert.True(IsCached(path, 512 << 10));
            using IBlockDevice again = _answers.OpenDevice(disk, "data.raw", DiskOpenMode.Existing);
            Assert.False(IsCached(path, 512 << 10));
            Assert.Equal(content, _answers.Read(again, 0, content.Length));
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_file_cut_in_use_fails_everything_from_then_on_and_does_not_grow_again()
    {
        byte[] content = Noise(4096);
        _answers.Write(_device, 0, content);
        _answers.Write(_device, 1 << 20, content);
        RawFile.Cut(_folder.Of("data.raw"), 8192);
        ExpectCut(_answers.Write(_device, Length - 4096, content));
        ExpectCut(_answers.RunOnRange(_device, DiskOperationKind.PunchHole, 0, 4096));
        ExpectCut(_answers.Run(_device, ReadOf(0, 4096)));
        ExpectCut(_answers.RunOnRange(_device, DiskOperationKind.Sync, 0, 0));
        Assert.Equal(8192, new FileInfo(_folder.Of("data.raw")).Length);
    }

    [Fact]
    public void A_read_of_what_was_cut_finds_it_out()
    {
        RawFile.Cut(_folder.Of("data.raw"), 8192);
        ExpectCut(_answers.Run(_device, ReadOf(1 << 20, 4096)));
        ExpectCut(_answers.Write(_device, 0, Noise(4096)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sync_finds_out_that_the_file_was_cut_or_removed(bool isCut)
    {
        string path = _folder.Of("data.raw");
        if (isCut)
        {
            RawFile.Cut(path, 8192);
        }
        else
        {
            File.Delete(path);
        }

        ExpectCut(_answers.RunOnRange(_device, DiskOperationKind.Sync, 0, 0));
        ExpectCut(_answers.Write(_device, 0, Noise(4096)));
    }

    [Theory]
    [InlineData(DiskOperationKind.PunchHole)]
    [InlineData(DiskOperationKind.WriteZeroes)]
    public void A_zeroed_range_reads_zero_and_its_neighbours_stay(DiskOperationKind kind)
    {
        byte[] content = Noise(1 << 20);
        _answers.Write(_device, 0, content);
        Assert.Equal(0, _answers.RunOnRange(_device, kind, 5_000, 700_001).Errno);
        Array.Clear(content, 5_000, 700_001);
        Assert.Equal(content, _answers.Read(_device, 0, content.Length));
        Assert.Equal(Length, new FileInfo(_folder.Of("data.raw")).Length);
    }

    [Fact]
    public void A_punched_range_is_a_hole_and_the_rest_is_data()
    {
        _answers.Write(_device, 0, Noise(1 << 20), syncAfter: true);
        _answers.RunOnRange(_device, DiskOperationKind.PunchHole, 256 << 10, 512 << 10);
        DiskOperation query =
            _answers.RunOnRange(_device, DiskOperationKind.QueryExtents, 4096, (1 << 20) - 4096);
        Assert.Equal(
            [
                new DiskExtent(4096, (256 << 10) - 4096, IsHole: false),
                new DiskExtent(256 << 10, 512 << 10, IsHole: true),
                new DiskExtent(768 << 10, 256 << 10, IsHole: false),
            ],
            query.Extents);
    }

    [Fact]
    public void Zeroes_are_written_where_a_file_system_cannot_make_them()
    {
        byte[] content = Noise(1 << 20);
        _answers.Write(_device, 0, content);
        RawFile.With(
            _folder.Of("data.raw"),
            fd => Assert.Equal(0, PositionalFile.WriteZeroes(fd, 3, PositionalFile.ZeroPieceBytes + 100)));
        Array.Clear(content, 3, PositionalFile.ZeroPieceBytes + 100);
        Assert.Equal(content, _answers.Read(_device, 0, content.Length));
    }

    [Fact]
    public void The_extents_of_one_answer_are_bounded()
    {
        for (int i = 0; i < 20; i++)
        {
            _answers.Write(_device, i * 128L * 1024, Noise(4096));
        }

        List<DiskExtent> extents = [];
        RawFile.With(
            _folder.Of("data.raw"),
            fd => Assert.Equal(0, PositionalFile.QueryExtents(fd, 0, Length, countMax: 5, out extents)));
        Assert.Equal(5, extents.Count);
        Assert.Equal(2 * 128 * 1024 + 4096, extents.Sum(extent => extent.LengthBytes));
    }

    [Fact]
    public void A_sync_succeeds_and_so_does_a_write_with_a_sync_behind_it()
    {
        DiskOperation write = _answers.Write(_device, 0, Noise(4096), syncAfter: true);
        Assert.Equal((0, false), (write.Errno, write.SyncFailed));
        DiskOperation sync = _answers.Run(_device, new DiskOperation(DiskOperationKind.Sync, _answers));
        Assert.Equal((0, false), (sync.Errno, sync.SyncFailed));
    }

    [Fact]
    public void A_disposed_device_refuses_with_ESHUTDOWN()
    {
        _device.Dispose();
        DiskOperation sync = _answers.Run(_device, new DiskOperation(DiskOperationKind.Sync, _answers));
        Assert.Equal(Errno.Shutdown, sync.Errno);
    }

    [Fact]
    public void Operations_queued_before_a_dispose_are_carried_out_and_keep_the_lock()
    {
        const int Count = 200;
        for (int i = 0; i < Count; i++)
        {
            _device.Submit(new DiskOperation(DiskOperationKind.Write, _answers)
            {
                OffsetBytes = i * 4096L,
                Buffer = Noise(4096),
            });
        }

        _device.Dispose();
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(0, _answers.Next<DiskOperation>().Errno);
        }

        _answers.OpenDevice(_disk, "data.raw", DiskOpenMode.Existing).Dispose();
    }

    /// <summary>Asking brings the page's neighbours in: one question an answer.</summary>
    private static bool IsCached(string path, long offsetBytes)
    {
        bool isCached = false;
        RawFile.With(path, fd => isCached = PositionalFile.ReadCached(fd, new byte[4096], offsetBytes) == 0);
        return isCached;
    }

    private static void ExpectCut(DiskOperation operation) =>
        Assert.Equal((Errno.InputOutput, true), (operation.Errno, operation.FoundCut));

    private DiskOperation ReadOf(long offsetBytes, int lengthBytes) => new(DiskOperationKind.Read, _answers)
    {
        OffsetBytes = offsetBytes,
        Buffer = new byte[lengthBytes],
    };

    private static byte[] Noise(int lengthBytes)
    {
        byte[] noise = new byte[lengthBytes];
        new Random(lengthBytes).NextBytes(noise);
        return noise;
    }

    private sealed class ThreadNotingRef : CallbackRef
    {
        internal ConcurrentQueue<int> Threads { get; } = new();

        protected override void OnMessage(object message, IActorRef? sender) =>
            Threads.Enqueue(Environment.CurrentManagedThreadId);
    }
}
