using Replication.Cluster.Embedded;
using Replication.Cluster.Embedded.Journal;

namespace Replication.Cluster.Tests.Embedded;

/// <summary>The real disk: locks, names, and calls that fail.</summary>
public sealed class DiskFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_answered_is_there_when_the_store_is_opened_again()
    {
        string path = _folder.File("not/yet/there");
        using (EmbeddedStore store = EmbeddedStore.Open(path))
        {
            await store.CompareAndSetAsync("a", 0, "1"u8.ToArray());
        }

        using EmbeddedStore again = EmbeddedStore.Open(path);
        Assert.Equal(new StoreEntry("a", "1"u8.ToArray(), 1), await again.GetAsync("a"));
    }

    [Fact]
    public void A_folder_has_one_store_at_a_time()
    {
        using (EmbeddedStore.Open(_folder.Path))
        {
            var exception = Assert.Throws<StoreOpenException>(() => EmbeddedStore.Open(_folder.Path));
            Assert.Contains("in use", exception.Message, StringComparison.Ordinal);
        }

        EmbeddedStore.Open(_folder.Path).Dispose();
    }

    [Fact]
    public async Task A_new_file_left_by_a_crash_in_a_compaction_is_ignored()
    {
        using (EmbeddedStore store = EmbeddedStore.Open(_folder.Path))
        {
            await store.CompareAndSetAsync("a", 0, "1"u8.ToArray());
        }

        await File.WriteAllBytesAsync(_folder.File(JournalFile.NewName), new byte[10_000]);
        using EmbeddedStore again = EmbeddedStore.Open(_folder.Path);
        Assert.NotNull(await again.GetAsync("a"));
        Assert.False(File.Exists(_folder.File(JournalFile.NewName)));
    }

    [Fact]
    public void A_damaged_journal_is_left_for_a_person_and_the_folder_is_free_again()
    {
        byte[] damaged = JournalSample.Usual().File;
        damaged[40] ^= 1;
        File.WriteAllBytes(_folder.File(JournalFile.Name), damaged);
        for (int attempt = 0; attempt < 2; attempt++)
        {
            var exception = Assert.Throws<StoreOpenException>(() => EmbeddedStore.Open(_folder.Path));
            Assert.Equal(JournalFormat.HeaderLengthBytes, exception.Offset);
        }

        Assert.Equal(damaged, File.ReadAllBytes(_folder.File(JournalFile.Name)));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_an_error_that_names_it()
    {
        File.WriteAllText(_folder.File("file"), "");
        string path = _folder.File("file/store");
        var exception = Assert.Throws<StoreOpenException>(() => EmbeddedStore.Open(path));
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sync_that_the_kernel_refuses_is_a_failure()
    {
        // /dev/null has no fsync and answers EINVAL, which .NET's own flush calls a success.
        using var file = new DiskFile("/dev/null", LinuxCalls.OpenWriteOnly);
        Assert.Equal(3, file.Write(0, "abc"u8));
        var exception = Assert.Throws<IOException>(file.Sync);
        Assert.Contains("fsync of /dev/null", exception.Message, StringComparison.Ordinal);
        Assert.Contains("errno 22", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_that_finds_no_space_is_a_failure()
    {
        using var file = new DiskFile("/dev/full", LinuxCalls.OpenWriteOnly);
        var exception = Assert.Throws<IOException>(() => file.Write(0, "abc"u8));
        Assert.Contains("errno 28", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_closed_file_is_not_written()
    {
        var file = new DiskFile(_folder.File("x"), LinuxCalls.OpenWriteOnly | LinuxCalls.OpenCreate);
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Write(0, "abc"u8));
        Assert.Throws<ObjectDisposedException>(file.Sync);
    }
}
