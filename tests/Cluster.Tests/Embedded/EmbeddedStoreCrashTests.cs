using System.Text;
using Replication.Cluster.Embedded;
using Replication.Cluster.Embedded.Journal;

namespace Replication.Cluster.Tests.Embedded;

/// <summary>
/// The machine goes at each byte and each step in turn. What was answered is there afterwards, and of what
/// was not, at most the one change under way.
/// </summary>
public sealed class EmbeddedStoreCrashTests
{
    private static readonly (string Key, string? Value)[] Script =
    [
        ("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"), ("b", null),
        ("a", "5"), ("d", "6"), ("c", null), ("a", "7"),
    ];

    // Small enough that the script compacts more than once.
    private static readonly EmbeddedStoreOptions Options = new() { GarbageLengthMaxBytes = 100 };

    [Fact]
    public async Task A_crash_at_any_step_keeps_every_answered_change()
    {
        var whole = new FaultyFolder();
        Assert.Equal(Script.Length, await Run(whole));
        Assert.True(whole.FileSyncs >= Script.Length + 3, "the script compacts at least twice after opening");

        for (long steps = 0; steps < whole.StepsTaken; steps++)
        {
            var folder = new FaultyFolder { StepsUntilCrash = steps };
            int answered = await Run(folder);
            foreach (bool namesAsSynced in new[] { false, true })
            {
                foreach (bool bytesAsSynced in new[] { false, true })
                {
                    await AssertHolds(folder.AfterCrash(namesAsSynced, bytesAsSynced), answered, steps);
                }
            }
        }
    }

    [Fact]
    public async Task A_crash_while_opening_again_loses_nothing()
    {
        var before = new FaultyFolder();
        await Run(before);
        var whole = before.AfterCrash(namesAsSynced: true, bytesAsSynced: true);
        EmbeddedStore.Open(whole, Options).Dispose();

        for (long steps = 0; steps < whole.StepsTaken; steps++)
        {
            FaultyFolder folder = before.AfterCrash(namesAsSynced: true, bytesAsSynced: true);
            folder.StepsUntilCrash = steps;
            Assert.Throws<IOException>(() => EmbeddedStore.Open(folder, Options));
            Assert.True(folder.IsDisposed);
            foreach (bool namesAsSynced in new[] { false, true })
            {
                FaultyFolder after = folder.AfterCrash(namesAsSynced, bytesAsSynced: true);
                await AssertHolds(after, Script.Length, steps);
            }
        }
    }

    [Fact]
    public async Task A_cut_tail_is_logged_and_gone_for_good()
    {
        JournalSample sample = JournalSample.Usual();
        var folder = new FaultyFolder { [JournalFile.Name] = sample.File[..^3] };
        var log = new List<string>();
        using (EmbeddedStore store = EmbeddedStore.Open(folder, new EmbeddedStoreOptions { Log = log.Add }))
        {
            Assert.Equal("first", Encoding.ASCII.GetString((await store.GetAsync("a"))!.Value.Span));
            StoreResult result = await store.CompareAndSetAsync("z", 0, "after"u8.ToArray());
            Assert.Equal(new StoreResult.Done(7), result);
        }

        string line = Assert.Single(log);
        Assert.Contains($"at offset {sample.Ends[^2]}", line, StringComparison.Ordinal);

        using EmbeddedStore again = EmbeddedStore.Open(
            folder.AfterCrash(namesAsSynced: true, bytesAsSynced: true),
            new EmbeddedStoreOptions { Log = log.Add });
        Assert.NotNull(await again.GetAsync("z"));
        Assert.Single(log);
    }

    [Fact]
    public void A_damaged_journal_is_refused_with_its_offset_and_left_as_it_is()
    {
        JournalSample sample = JournalSample.Usual();
        byte[] damaged = sample.File;
        damaged[sample.Ends[1] + 20] ^= 1;
        var folder = new FaultyFolder { [JournalFile.Name] = damaged };
        var exception = Assert.Throws<StoreOpenException>(
            () => EmbeddedStore.Open(folder, new EmbeddedStoreOptions()));
        Assert.Equal(sample.Ends[1], exception.Offset);
        Assert.Contains("good frame follows", exception.Message, StringComparison.Ordinal);
        Assert.Equal(damaged, folder[JournalFile.Name]);
        Assert.Equal(0, folder.StepsTaken);
        Assert.True(folder.IsDisposed);
    }

    /// <summary>Runs the script until the machine is gone and says how many changes were answered.</summary>
    private static async Task<int> Run(FaultyFolder folder)
    {
        int answered = 0;
        try
        {
            using EmbeddedStore store = EmbeddedStore.Open(folder, Options);
            foreach ((string key, string? value) in Script)
            {
                long revision = (await store.GetAsync(key))?.Revision ?? 0;
                StoreResult result = value is null
                    ? await store.DeleteAsync(key, revision)
                    : await store.CompareAndSetAsync(key, revision, Encoding.ASCII.GetBytes(value));
                Assert.Equal(new StoreResult.Done(answered + 1), result);
                answered++;
            }
        }
        catch (Exception exception) when (exception is StoreUnavailableException or IOException)
        {
            Assert.Equal(0, folder.StepsUntilCrash);
        }

        return answered;
    }

    private static async Task AssertHolds(FaultyFolder folder, int answered, long steps)
    {
        using EmbeddedStore store = EmbeddedStore.Open(folder, Options);
        IReadOnlyList<StoreEntry> entries = await store.ListAsync("");
        string found = string.Join(
            ' ', entries.Select(e => $"{e.Key}={Encoding.ASCII.GetString(e.Value.Span)}@{e.Revision}"));
        string[] allowed = [After(answered), After(Math.Min(answered + 1, Script.Length))];
        Assert.True(
            allowed.Contains(found),
            $"crash at step {steps}, {answered} answered: found [{found}], not [{allowed[0]}]");
    }

    private static string After(int changes)
    {
        var model = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (int index = 0; index < changes; index++)
        {
            (string key, string? value) = Script[index];
            model.Remove(key);
            if (value is not null)
            {
                model[key] = $"{value}@{index + 1}";
            }
        }

        return string.Join(' ', model.Select(pair => $"{pair.Key}={pair.Value}"));
    }
}
