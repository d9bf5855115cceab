using Replication.Cluster.Embedded;
using Replication.Cluster.Embedded.Journal;

namespace Replication.Cluster.Tests.Embedded;

/// <summary>Disks that write short, fail, and fail to sync.</summary>
public sealed class EmbeddedStoreFailureTests
{
    private static readonly byte[] One = [1];
    private static readonly byte[] Two = [2];

    private readonly FaultyFolder _folder = new();
    private readonly List<string> _log = [];

    [Fact]
    public async Task Short_writes_are_carried_on_where_they_stopped()
    {
        _folder.WriteLengthMaxBytes = 3;
        using (EmbeddedStore store = Open())
        {
            await store.CompareAndSetAsync("a", 0, "a value"u8.ToArray());
        }

        using EmbeddedStore again = Reopen();
        Assert.True((await again.GetAsync("a"))!.Value.Span.SequenceEqual("a value"u8));
    }

    [Fact]
    public async Task A_write_that_takes_nothing_fails_instead_of_going_round_for_ever()
    {
        using EmbeddedStore store = Open();
        _folder.WriteLengthMaxBytes = 0;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CompareAndSetAsync("a", 0, One));
    }

    [Fact]
    public async Task After_a_failed_sync_everything_is_refused_though_the_disk_works_again()
    {
        using EmbeddedStore store = Open();
        await store.CompareAndSetAsync("a", 0, One);
        _folder.BeforeFileSync = static () => throw new IOException("fsync: I/O error");
        var exception = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => store.CompareAndSetAsync("a", 1, Two));
        Assert.Contains("fsync: I/O error", exception.Message, StringComparison.Ordinal);
        Assert.Contains("fsync: I/O error", Assert.Single(_log), StringComparison.Ordinal);

        _folder.BeforeFileSync = static () => { };
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CompareAndSetAsync("b", 0, One));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.DeleteAsync("a", 1));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.GetAsync("a"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.ListAsync(""));
    }

    [Fact]
    public async Task A_failed_sync_is_never_tried_again()
    {
        int syncs = 0;
        using EmbeddedStore store = Open();
        _folder.BeforeFileSync = () =>
        {
            syncs++;
            throw new IOException("fsync: I/O error");
        };
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CompareAndSetAsync("a", 0, One));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CompareAndSetAsync("a", 0, One));
        store.Dispose();
        Assert.Equal(1, syncs);
    }

    [Fact]
    public async Task A_failed_write_refuses_everything_after_it()
    {
        using EmbeddedStore store = Open();
        _folder.BeforeWrite = static () => throw new IOException("write: no space left on device");
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CompareAndSetAsync("a", 0, One));
        _folder.BeforeWrite = static () => { };
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CompareAndSetAsync("a", 0, One));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Opening_again_finds_out_what_became_of_the_change_whose_sync_failed(bool reachedTheDisk)
    {
        using (EmbeddedStore store = Open())
        {
            await store.CompareAndSetAsync("a", 0, One);
            _folder.BeforeFileSync = static () => throw new IOException("fsync: I/O error");
            await Assert.ThrowsAsync<StoreUnavailableException>(
                () => store.CompareAndSetAsync("a", 1, Two));
        }

        using EmbeddedStore again = EmbeddedStore.Open(
            _folder.AfterCrash(namesAsSynced: true, bytesAsSynced: !reachedTheDisk), Options());
        Assert.Equal(reachedTheDisk ? 2 : 1, (await again.GetAsync("a"))!.Revision);
    }

    [Fact]
    public async Task What_an_opening_shows_is_durable_even_if_it_only_was_in_the_page_cache()
    {
        using (EmbeddedStore store = Open())
        {
            _folder.BeforeFileSync = static () => throw new IOException("fsync: I/O error");
            await Assert.ThrowsAsync<StoreUnavailableException>(
                () => store.CompareAndSetAsync("a", 0, One));
            _folder.BeforeFileSync = static () => { };
        }

        // The same folder, not one after a power loss: the page cache still has what the sync did not get
        // down.
        using (EmbeddedStore second = Open())
        {
            Assert.NotNull(await second.GetAsync("a"));
        }

        using EmbeddedStore third = EmbeddedStore.Open(
            _folder.AfterCrash(namesAsSynced: true, bytesAsSynced: true), Options());
        Assert.NotNull(await third.GetAsync("a"));
    }

    [Fact]
    public async Task A_compaction_that_fails_leaves_the_change_before_it_answered_and_ends_the_store()
    {
        using EmbeddedStore store = Open(garbageLengthMaxBytes: 50);
        _folder.BeforeFolderSync = static () => throw new IOException("fsync of the folder: I/O error");
        long revision = 0;
        for (int index = 0; index < 20 && _log.Count == 0; index++)
        {
            try
            {
                StoreResult result = await store.CompareAndSetAsync("a", revision, new byte[20]);
                revision = Assert.IsType<StoreResult.Done>(result).Revision;
            }
            catch (StoreUnavailableException)
            {
                break;
            }
        }

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.GetAsync("a"));
        store.Dispose();
        foreach (bool namesAsSynced in new[] { false, true })
        {
            using EmbeddedStore again = EmbeddedStore.Open(
                _folder.AfterCrash(namesAsSynced, bytesAsSynced: true), Options());
            Assert.Equal(revision, (await again.GetAsync("a"))!.Revision);
        }
    }

    [Fact]
    public async Task A_closed_store_is_unavailable_and_gives_up_its_folder()
    {
        EmbeddedStore store = Open();
        store.Dispose();
        store.Dispose();
        Assert.True(_folder.IsDisposed);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.GetAsync("a"));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.CompareAndSetAsync("a", 0, One));
    }

    [Fact]
    public async Task A_full_store_refuses_more_but_still_deletes()
    {
        using EmbeddedStore store = Open();
        var value = new byte[StoreLimits.ValueLengthMaxBytes];
        int taken = 0;
        while (await Try(store.CompareAndSetAsync($"k{taken}", 0, value)))
        {
            taken++;
        }

        Assert.Equal(JournalLimits.LiveLengthMaxBytes / (value.Length + 18), taken);
        Assert.IsType<StoreResult.Done>(await store.DeleteAsync("k0", 1));
        Assert.True(await Try(store.CompareAndSetAsync("k0", 0, value)));
    }

    private static async Task<bool> Try(Task<StoreResult> change)
    {
        try
        {
            return await change is StoreResult.Done;
        }
        catch (StoreUnavailableException exception)
        {
            Assert.Contains("full", exception.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private EmbeddedStore Open(long garbageLengthMaxBytes = 1024 * 1024) =>
        EmbeddedStore.Open(_folder, Options() with { GarbageLengthMaxBytes = garbageLengthMaxBytes });

    private EmbeddedStore Reopen() =>
        EmbeddedStore.Open(_folder.AfterCrash(namesAsSynced: true, bytesAsSynced: true), Options());

    private EmbeddedStoreOptions Options() => new() { Log = _log.Add };
}
