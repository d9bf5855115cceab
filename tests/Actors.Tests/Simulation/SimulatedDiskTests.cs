using Replication.Actors.Disk;
using Replication.TestKit;
using Replication.TestKit.Simulation.Disks;

namespace Replication.Actors.Tests.Simulation;

public sealed class SimulatedDiskTests : TestKitBase
{
    private const int Page = 4096;
    private const string Path = "volumes/demo/data.raw";

    private readonly SimulatedDisk _disk;

    public SimulatedDiskTests()
        : base(seed: 9) => _disk = new SimulatedDisk(World, "node1");

    [Fact]
    public void A_file_reads_zero_until_written_and_lists_its_folders()
    {
        IBlockDevice device = Open(lengthBytes: 64L << 20);
        Assert.Equal(new byte[Page], Read(device, (64L << 20) - Page, Page));

        Write(device, 100, [1, 2, 3]);
        Assert.Equal([0, 1, 2, 3, 0], Read(device, 99, 5));
        _disk.List("volumes", TestActor);
        Assert.Equal(["demo"], ExpectMsg<DiskFolderListed>().Names);
        _disk.List("nowhere", TestActor);
        Assert.Empty(ExpectMsg<DiskFolderListed>().Names);
    }

    [Fact]
    public void Opening_says_what_is_wrong_with_an_errno()
    {
        Assert.Equal(Errno.NoEntry, TryOpen(DiskOpenMode.Existing).Errno);
        DiskFileOpened opened = TryOpen(DiskOpenMode.New);
        Assert.True(opened.Created);
        Assert.Equal(Errno.Exists, TryOpen(DiskOpenMode.New).Errno);
        Assert.Equal(Errno.TryAgain, TryOpen(DiskOpenMode.Any).Errno);

        opened.Device!.Dispose();
        Assert.False(TryOpen(DiskOpenMode.Any).Created);
    }

    [Fact]
    public void A_range_outside_the_file_is_refused_and_so_is_a_closed_device()
    {
        IBlockDevice device = Open(lengthBytes: Page);
        Assert.Equal(Errno.Invalid, Do(device, Writing(1, new byte[Page])).Errno);
        Assert.Equal(Errno.Invalid, Do(device, Writing(-1, new byte[1])).Errno);
        device.Dispose();
        Assert.Equal(Errno.Shutdown, Do(device, Writing(0, new byte[1])).Errno);
    }

    [Fact]
    public void Operations_under_way_end_in_another_order_than_they_were_submitted()
    {
        IBlockDevice device = Open(lengthBytes: 100 * Page);
        DiskOperation[] submitted =
            [.. Enumerable.Range(0, 20).Select(n => Writing(n * Page, new byte[Page]))];
        foreach (DiskOperation operation in submitted)
        {
            device.Submit(operation);
        }

        IReadOnlyList<object> ended = ReceiveN(20);
        Assert.NotEqual<object>(submitted, ended);
        Assert.Equal(submitted.ToHashSet<object>(), ended.ToHashSet());
    }

    [Fact]
    public void Power_loss_takes_what_was_not_synced_and_nothing_else()
    {
        IBlockDevice device = Open(lengthBytes: 4 * Page);
        Write(device, 0, Filled(1));
        Do(device, Syncing());
        Write(device, 0, Filled(2));
        Do(device, new DiskOperation(DiskOperationKind.Write, TestActor)
        {
            OffsetBytes = Page, Buffer = Filled(3), SyncAfter = true,
        });
        Write(device, 2 * Page, Filled(4));

        _disk.Crash(DiskCrashPolicy.LoseUnsynced);
        device = Open();
        Assert.Equal(Filled(2), Read(device, 0, Page));
        Assert.Equal(Filled(3), Read(device, Page, Page));
        Assert.Equal(new byte[Page], Read(device, 2 * Page, Page));
    }

    [Fact]
    public void A_killed_process_loses_its_lock_and_nothing_that_was_written()
    {
        IBlockDevice device = Open(lengthBytes: Page);
        Write(device, 0, Filled(1));
        device.Submit(Writing(0, new byte[Page]));
        _disk.KillProcess();
        ExpectNoMsg();
        byte[] content = Read(Open(), 0, Page);
        Assert.True(content.SequenceEqual(Filled(1)) || content.SequenceEqual(new byte[Page]));
    }

    [Fact]
    public void A_sync_does_not_answer_for_a_write_that_ended_after_it_was_submitted()
    {
        int lost = 0;
        for (int round = 0; round < 40; round++)
        {
            string path = $"file{round}";
            IBlockDevice device = Open(path, lengthBytes: Page);
            device.Submit(Syncing());
            device.Submit(Writing(0, Filled(1)));
            ReceiveN(2);
            lost += _disk.PeekDurable(path, 0, 1)[0] == 0 ? 1 : 0;
        }

        Assert.InRange(lost, 1, 39);
    }

    [Fact]
    public void Torn_pages_hold_old_and_new_sectors_and_kept_pages_hold_one_of_both()
    {
        int torn = 0;
        foreach (DiskCrashPolicy policy in new[] { DiskCrashPolicy.KeepSomePages, DiskCrashPolicy.TearPages })
        {
            string path = policy.ToString();
            IBlockDevice device = Open(path, lengthBytes: 64 * Page);
            Write(device, 0, Enumerable.Repeat((byte)1, 64 * Page).ToArray());
            Do(device, Syncing());
            Write(device, 0, Enumerable.Repeat((byte)2, 64 * Page).ToArray());
            _disk.Crash(policy);
            byte[][] pages = [.. _disk.Peek(path, 0, 64 * Page).Chunk(Page)];
            Assert.Contains(pages, static page => page.All(static value => value == 1));
            Assert.Contains(pages, static page => page.All(static value => value == 2));
            Assert.All(
                pages.SelectMany(static page => page.Chunk(512)), static s => Assert.Single(s.Distinct()));
            torn += pages.Count(static page => page.Distinct().Count() > 1);
            Assert.Equal(policy == DiskCrashPolicy.TearPages, torn > 0);
        }
    }

    [Fact]
    public void Injected_errors_hit_their_range_once_or_always_and_change_nothing()
    {
        IBlockDevice device = Open(lengthBytes: 8 * Page);
        DiskFault once = _disk.Inject(new DiskFault(DiskFaultEffect.Fail)
        {
            Kind = DiskOperationKind.Write, OffsetBytes = Page, LengthBytes = Page, Once = true,
        });
        DiskFault always = _disk.Inject(new DiskFault(DiskFaultEffect.Fail)
        {
            Kind = DiskOperationKind.Read, OffsetBytes = 4 * Page, LengthBytes = 1, Errno = Errno.NoMemory,
        });

        Assert.Equal(Errno.None, Do(device, Writing(0, new byte[Page])).Errno);
        Assert.Equal(Errno.InputOutput, Do(device, Writing(2 * Page - 1, Filled(1))).Errno);
        Assert.Equal(new byte[Page], Read(device, 2 * Page, Page));
        Assert.Equal(Errno.None, Do(device, Writing(2 * Page - 1, Filled(1))).Errno);
        Assert.Equal(Errno.NoMemory, Do(device, Reading(3 * Page, new byte[Page + 1])).Errno);
        Assert.Equal(Errno.NoMemory, Do(device, Reading(4 * Page, new byte[Page])).Errno);
        Assert.Equal(Errno.None, Do(device, Reading(4 * Page + 1, new byte[Page])).Errno);
        Assert.Equal((1, 2), (once.HitCount, always.HitCount));
    }

    [Fact]
    public void What_a_failed_sync_gave_up_is_gone_from_reads_too_and_is_not_saved_by_the_next_one()
    {
        IBlockDevice device = Open(lengthBytes: 64 * Page);
        Write(device, 0, Enumerable.Repeat((byte)7, 64 * Page).ToArray());
        _disk.Inject(new DiskFault(DiskFaultEffect.Fail) { Kind = DiskOperationKind.Sync, Once = true });
        DiskOperation failed = Do(device, Syncing());
        Assert.Equal((Errno.InputOutput, true), (failed.Errno, failed.SyncFailed));

        Assert.Equal(Errno.None, Do(device, Syncing()).Errno);
        byte[] durable = _disk.PeekDurable(Path, 0, 64 * Page);
        Assert.Contains((byte)0, durable);
        Assert.Equal(durable, Read(device, 0, 64 * Page));
    }

    [Fact]
    public void A_write_that_syncs_reports_a_failed_sync_as_such()
    {
        IBlockDevice device = Open(lengthBytes: Page);
        _disk.Inject(new DiskFault(DiskFaultEffect.Fail) { Kind = DiskOperationKind.Sync });
        DiskOperation fua = Do(device, new DiskOperation(DiskOperationKind.Write, TestActor)
        {
            Buffer = Filled(1), SyncAfter = true,
        });
        Assert.Equal((Errno.InputOutput, true), (fua.Errno, fua.SyncFailed));
    }

    [Fact]
    public void A_disk_can_lie_by_losing_or_changing_a_write_by_a_sync_that_saves_nothing_and_by_rot()
    {
        IBlockDevice device = Open(lengthBytes: 4 * Page);
        _disk.Inject(new DiskFault(DiskFaultEffect.LoseWrite) { Once = true });
        Assert.Equal(Errno.None, Do(device, Writing(0, Filled(1))).Errno);
        Assert.Equal(new byte[Page], Read(device, 0, Page));

        _disk.Inject(new DiskFault(DiskFaultEffect.CorruptWrite) { Once = true });
        Assert.Equal(Errno.None, Do(device, Writing(0, Filled(1))).Errno);
        Assert.Equal(Page - 1, Read(device, 0, Page).Count(static value => value == 1));

        _disk.Inject(new DiskFault(DiskFaultEffect.LieAboutSync) { Once = true });
        Assert.Equal(Errno.None, Do(device, Syncing()).Errno);
        Assert.Equal(new byte[Page], _disk.PeekDurable(Path, 0, Page));

        Write(device, 0, Filled(5));
        _disk.CorruptAtRest(Path, 10, 5);
        byte[] rotten = Read(device, 0, Page);
        Assert.Equal(Page - 5, rotten.Count(static value => value == 5));
        Assert.DoesNotContain((byte)5, rotten[10..15]);
    }

    [Fact]
    public void A_stalled_operation_ends_only_when_it_is_released()
    {
        IBlockDevice device = Open(lengthBytes: Page);
        DiskFault stall =
            _disk.Inject(new DiskFault(DiskFaultEffect.Stall) { Kind = DiskOperationKind.Write });
        device.Submit(Writing(0, Filled(1)));
        ExpectNoMsg(TimeSpan.FromHours(1));
        Assert.Equal(new byte[Page], Read(device, 0, Page));

        _disk.Remove(stall);
        _disk.ReleaseStalled();
        Assert.Equal(Errno.None, ExpectMsg<DiskOperation>().Errno);
        Assert.Equal(Filled(1), Read(device, 0, Page));
    }

    [Fact]
    public void A_full_disk_refuses_new_pages_and_takes_them_again_after_a_punch()
    {
        _disk.CapacityBytes = 2 * Page;
        IBlockDevice device = Open(lengthBytes: 8 * Page);
        Write(device, 0, new byte[2 * Page]);
        Assert.Equal(Errno.NoSpace, Do(device, Writing(2 * Page, new byte[1])).Errno);
        Write(device, 100, Filled(1));

        Assert.Equal(Errno.None, Do(device, Ranged(DiskOperationKind.PunchHole, 0, Page)).Errno);
        Assert.Equal(Page, _disk.AllocatedBytes);
        Write(device, 2 * Page, new byte[1]);
    }

    [Fact]
    public void Extents_tell_data_from_holes_and_zeroing_keeps_pages_while_punching_frees_them()
    {
        IBlockDevice device = Open(lengthBytes: 8 * Page);
        Write(device, Page, Enumerable.Repeat((byte)1, 4 * Page).ToArray());
        Do(device, Ranged(DiskOperationKind.PunchHole, (2 * Page) - 10, Page + 20));
        Do(device, Ranged(DiskOperationKind.WriteZeroes, 6 * Page, Page));

        IReadOnlyList<DiskExtent> extents =
            Do(device, Ranged(DiskOperationKind.QueryExtents, 100, (8 * Page) - 100)).Extents;
        Assert.Equal(
            [
                new DiskExtent(100, Page - 100, IsHole: true),
                new DiskExtent(Page, Page, IsHole: false),
                new DiskExtent(2 * Page, Page, IsHole: true),
                new DiskExtent(3 * Page, 2 * Page, IsHole: false),
                new DiskExtent(5 * Page, Page, IsHole: true),
                new DiskExtent(6 * Page, Page, IsHole: false),
                new DiskExtent(7 * Page, Page, IsHole: true),
            ],
            extents);
        Assert.Equal(new byte[Page + 20], Read(device, (2 * Page) - 10, Page + 20));
        Assert.Equal(1, Read(device, (2 * Page) - 11, 1)[0]);
    }

    [Fact]
    public void A_folder_moves_with_its_files_and_never_over_another()
    {
        Open("a/x").Dispose();
        Open("a/y").Dispose();
        Open("b/z").Dispose();
        _disk.Move("a", "b", TestActor);
        Assert.Equal(Errno.Exists, ExpectMsg<DiskEntryMoved>().Errno);
        _disk.Move("a", "c", TestActor);
        Assert.Equal(Errno.None, ExpectMsg<DiskEntryMoved>().Errno);
        Assert.Equal(["b/z", "c/x", "c/y"], _disk.Paths);
        _disk.Move("a", "d", TestActor);
        Assert.Equal(Errno.NoEntry, ExpectMsg<DiskEntryMoved>().Errno);
    }

    private static byte[] Filled(byte value) => [.. Enumerable.Repeat(value, Page)];

    private DiskOperation Writing(long offset, byte[] bytes) =>
        new(DiskOperationKind.Write, TestActor) { OffsetBytes = offset, Buffer = bytes };

    private DiskOperation Reading(long offset, byte[] into) =>
        new(DiskOperationKind.Read, TestActor) { OffsetBytes = offset, Buffer = into };

    private DiskOperation Ranged(DiskOperationKind kind, long offset, long length) =>
        new(kind, TestActor) { OffsetBytes = offset, LengthBytes = length };

    private DiskOperation Syncing() => new(DiskOperationKind.Sync, TestActor);

    private DiskFileOpened TryOpen(DiskOpenMode mode, string path = Path, long lengthBytes = Page)
    {
        _disk.Open(path, mode, lengthBytes, TestActor);
        return ExpectMsg<DiskFileOpened>();
    }

    private IBlockDevice Open(string path = Path, long lengthBytes = Page) =>
        TryOpen(DiskOpenMode.Any, path, lengthBytes).Device!;

    private DiskOperation Do(IBlockDevice device, DiskOperation operation)
    {
        device.Submit(operation);
        return ExpectMsg<DiskOperation>(done => ReferenceEquals(done, operation));
    }

    private byte[] Read(IBlockDevice device, long offset, int length)
    {
        byte[] content = new byte[length];
        Assert.Equal(Errno.None, Do(device, Reading(offset, content)).Errno);
        return content;
    }

    private void Write(IBlockDevice device, long offset, byte[] bytes) =>
        Assert.Equal(Errno.None, Do(device, Writing(offset, bytes)).Errno);
}
