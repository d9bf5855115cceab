using System.Globalization;
using System.Text;
using Replication.Cluster.Embedded;
using Replication.Cluster.Embedded.Journal;

namespace Replication.Cluster.Tests.Embedded;

/// <summary>Changes at the same time, syncs they share, and the journal's size over many of them.</summary>
public sealed class EmbeddedStoreBatchTests
{
    [Fact]
    public async Task Nothing_is_shown_or_answered_before_it_is_synced_and_what_waits_shares_the_next_sync()
    {
        var folder = new FaultyFolder();
        using EmbeddedStore store = EmbeddedStore.Open(folder, new EmbeddedStoreOptions());
        using var gate = new SyncGate(folder);
        int syncsBefore = folder.FileSyncs;

        Task<StoreResult> first = store.CompareAndSetAsync("k", 0, "0"u8.ToArray());
        await gate.Arrived();
        Task<StoreResult>[] rest = [.. Enumerable.Range(0, 10).Select(
            index => store.CompareAndSetAsync($"k{index}", 0, "1"u8.ToArray()))];
        Task<StoreResult> conflict = store.CompareAndSetAsync("k9", 0, "2"u8.ToArray());
        Assert.Null(await store.GetAsync("k"));
        Assert.False(first.IsCompleted);

        gate.Allow();
        await first;
        await gate.Arrived();
        Assert.Single(await store.ListAsync(""));
        Assert.False(conflict.IsCompleted, "what it conflicts with is not durable yet");
        gate.Allow();
        await Task.WhenAll(rest);
        Assert.Equal(11, Assert.IsType<StoreResult.Conflict>(await conflict).Current!.Revision);
        Assert.Equal(2, folder.FileSyncs - syncsBefore);
    }

    [Fact]
    public async Task Changes_that_wait_for_a_failing_sync_fail_with_it()
    {
        var folder = new FaultyFolder();
        using EmbeddedStore store = EmbeddedStore.Open(folder, new EmbeddedStoreOptions());
        using var gate = new SyncGate(folder, static () => throw new IOException("fsync: I/O error"));
        Task<StoreResult> first = store.CompareAndSetAsync("a", 0, "0"u8.ToArray());
        await gate.Arrived();
        Task<StoreResult> second = store.CompareAndSetAsync("b", 0, "0"u8.ToArray());
        gate.Allow();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => second.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task More_changes_than_may_wait_are_refused_and_the_others_are_made()
    {
        var folder = new FaultyFolder();
        using EmbeddedStore store = EmbeddedStore.Open(folder, new EmbeddedStoreOptions());
        using var gate = new SyncGate(folder);
        Task<StoreResult> first = store.CompareAndSetAsync("first", 0, "0"u8.ToArray());
        await gate.Arrived();
        Task<StoreResult>[] waiting = [.. Enumerable.Range(0, JournalLimits.WaitingChangesMax).Select(
            index => store.CompareAndSetAsync($"k{index}", 0, "1"u8.ToArray()))];
        Task<StoreResult> refused = store.CompareAndSetAsync("one-too-many", 0, "1"u8.ToArray());
        Assert.IsType<StoreUnavailableException>(refused.Exception?.InnerException);
        gate.Allow(JournalLimits.WaitingChangesMax);
        await first;
        Assert.All(await Task.WhenAll(waiting), result => Assert.IsType<StoreResult.Done>(result));
        Assert.Null(await store.GetAsync("one-too-many"));
    }

    [Fact]
    public async Task Closing_finishes_what_waits()
    {
        var folder = new FaultyFolder();
        EmbeddedStore store = EmbeddedStore.Open(folder, new EmbeddedStoreOptions());
        Task<StoreResult>[] changes = [.. Enumerable.Range(0, 1000).Select(
            index => store.CompareAndSetAsync($"k{index}", 0, "1"u8.ToArray()))];
        store.Dispose();
        Assert.All(changes, change => Assert.True(change.IsCompletedSuccessfully));
        using EmbeddedStore again = EmbeddedStore.Open(
            folder.AfterCrash(namesAsSynced: true, bytesAsSynced: true), new EmbeddedStoreOptions());
        Assert.Equal(1000, (await again.ListAsync("")).Count);
    }

    [Fact]
    public async Task Increments_from_many_threads_are_all_counted()
    {
        const int workers = 8;
        const int increments = 50;
        using var folder = new TemporaryFolder();
        using EmbeddedStore store = EmbeddedStore.Open(
            folder.Path, new EmbeddedStoreOptions { GarbageLengthMaxBytes = 1000 });
        await Task.WhenAll(Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            for (int done = 0; done < increments;)
            {
                StoreEntry? entry = await store.GetAsync("counter");
                int count = entry is null ? 0 : Count(entry);
                StoreResult result = await store.CompareAndSetAsync(
                    "counter", entry?.Revision ?? 0, Encoding.ASCII.GetBytes($"{count + 1}"));
                done += result is StoreResult.Done ? 1 : 0;
            }
        })));
        Assert.Equal(workers * increments, Count((await store.GetAsync("counter"))!));
    }

    [Fact]
    public async Task A_journal_of_replaced_values_stays_small_and_keeps_its_counter()
    {
        const int changes = 2000;
        var options = new EmbeddedStoreOptions { GarbageLengthMaxBytes = 4096 };
        var folder = new FaultyFolder();
        using (EmbeddedStore store = EmbeddedStore.Open(folder, options))
        {
            for (long revision = 0; revision < changes; revision++)
            {
                await store.CompareAndSetAsync("a", revision, new byte[100]);
                Assert.InRange(folder[JournalFile.Name].Length, 1, 4096 + 1000);
            }

            await store.DeleteAsync("a", changes);
        }

        using EmbeddedStore again = EmbeddedStore.Open(
            folder.AfterCrash(namesAsSynced: true, bytesAsSynced: true), options);
        StoreResult result = await again.CompareAndSetAsync("b", 0, "1"u8.ToArray());
        Assert.Equal(new StoreResult.Done(changes + 2), result);
    }

    private static int Count(StoreEntry entry) =>
        int.Parse(Encoding.ASCII.GetString(entry.Value.Span), CultureInfo.InvariantCulture);
}
