using System.Text;
using Replication.Cluster;

namespace Replication.Cluster.Tests;

/// <summary>
/// What every <see cref="IClusterStore"/> does. Each implementation derives from this once.
/// </summary>
public abstract class ClusterStoreContract : IDisposable
{
    protected abstract IClusterStore Store { get; }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_key_never_written_is_absent()
    {
        Assert.Null(await Store.GetAsync("volumes/a"));
        Assert.Empty(await Store.ListAsync(""));
    }

    [Fact]
    public async Task A_created_key_is_read_back_with_its_revision()
    {
        long revision = await Set("a", 0, "one");
        Assert.Equal(new StoreEntry("a", Bytes("one"), revision), await Store.GetAsync("a"));
    }

    [Fact]
    public async Task Creating_a_key_that_exists_is_a_conflict_that_shows_it()
    {
        long revision = await Set("a", 0, "one");
        StoreResult result = await Store.CompareAndSetAsync("a", 0, Bytes("two"));
        Assert.Equal(new StoreResult.Conflict(new StoreEntry("a", Bytes("one"), revision)), result);
        Assert.Equal(new StoreEntry("a", Bytes("one"), revision), await Store.GetAsync("a"));
    }

    [Fact]
    public async Task Setting_an_absent_key_at_a_revision_is_a_conflict_with_nothing()
    {
        Assert.Equal(new StoreResult.Conflict(null), await Store.CompareAndSetAsync("a", 7, Bytes("one")));
        Assert.Null(await Store.GetAsync("a"));
    }

    [Fact]
    public async Task A_set_at_the_current_revision_replaces_the_value()
    {
        long first = await Set("a", 0, "one");
        long second = await Set("a", first, "two");
        Assert.True(second > first);
        Assert.Equal(new StoreEntry("a", Bytes("two"), second), await Store.GetAsync("a"));
    }

    [Fact]
    public async Task A_set_at_an_older_revision_is_a_conflict()
    {
        long first = await Set("a", 0, "one");
        long second = await Set("a", first, "two");
        StoreResult result = await Store.CompareAndSetAsync("a", first, Bytes("three"));
        Assert.Equal(new StoreResult.Conflict(new StoreEntry("a", Bytes("two"), second)), result);
    }

    [Fact]
    public async Task Setting_the_same_value_again_takes_a_new_revision()
    {
        long first = await Set("a", 0, "one");
        Assert.Equal(first + 1, await Set("a", first, "one"));
    }

    [Fact]
    public async Task Revisions_rise_by_one_across_all_keys_and_conflicts_take_none()
    {
        long first = await Set("a", 0, "one");
        await Store.CompareAndSetAsync("a", 0, Bytes("refused"));
        long second = await Set("b", 0, "two");
        var deleted = Assert.IsType<StoreResult.Done>(await Store.DeleteAsync("a", first));
        long last = await Set("c", 0, "three");
        Assert.Equal([first + 1, first + 2, first + 3], [second, deleted.Revision, last]);
    }

    [Fact]
    public async Task A_delete_at_the_current_revision_removes_the_key()
    {
        long revision = await Set("a", 0, "one");
        Assert.IsType<StoreResult.Done>(await Store.DeleteAsync("a", revision));
        Assert.Null(await Store.GetAsync("a"));
    }

    [Fact]
    public async Task A_delete_at_an_older_revision_is_a_conflict_and_removes_nothing()
    {
        long first = await Set("a", 0, "one");
        long second = await Set("a", first, "two");
        var current = new StoreEntry("a", Bytes("two"), second);
        Assert.Equal(new StoreResult.Conflict(current), await Store.DeleteAsync("a", first));
        Assert.Equal(current, await Store.GetAsync("a"));
    }

    [Fact]
    public async Task Deleting_an_absent_key_is_a_conflict_with_nothing() =>
        Assert.Equal(new StoreResult.Conflict(null), await Store.DeleteAsync("a", 1));

    [Fact]
    public async Task A_key_made_again_never_has_a_revision_it_had_before()
    {
        long first = await Set("a", 0, "one");
        await Store.DeleteAsync("a", first);
        long second = await Set("a", 0, "one");
        Assert.True(second > first + 1);
        Assert.IsType<StoreResult.Conflict>(await Store.CompareAndSetAsync("a", first, Bytes("late")));
    }

    [Fact]
    public async Task A_list_holds_the_keys_with_the_prefix_in_ordinal_order()
    {
        foreach (string key in new[] { "v/b", "v/B", "w/a", "v/a", "v/a-1", "v", "u/z", "v/10", "v/9" })
        {
            await Set(key, 0, key);
        }

        IReadOnlyList<StoreEntry> entries = await Store.ListAsync("v/");
        Assert.Equal(["v/10", "v/9", "v/B", "v/a", "v/a-1", "v/b"], entries.Select(entry => entry.Key));
        Assert.All(entries, entry => Assert.Equal(entry.Key, Encoding.ASCII.GetString(entry.Value.Span)));
    }

    [Fact]
    public async Task The_empty_prefix_lists_everything()
    {
        await Set("b", 0, "two");
        await Set("a", 0, "one");
        Assert.Equal(["a", "b"], (await Store.ListAsync("")).Select(entry => entry.Key));
    }

    [Fact]
    public async Task The_callers_buffer_is_copied_before_the_call_returns()
    {
        byte[] buffer = Bytes("one");
        Task<StoreResult> set = Store.CompareAndSetAsync("a", 0, buffer);
        buffer.AsSpan().Clear();
        await set;
        Assert.Equal("one", Encoding.ASCII.GetString((await Store.GetAsync("a"))!.Value.Span));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(StoreLimits.ValueLengthMaxBytes)]
    public async Task Values_of_every_allowed_length_come_back(int lengthBytes)
    {
        var value = new byte[lengthBytes];
        new Random(lengthBytes).NextBytes(value);
        await Store.CompareAndSetAsync("a", 0, value);
        Assert.True((await Store.GetAsync("a"))!.Value.Span.SequenceEqual(value));
    }

    [Fact]
    public async Task A_key_of_the_greatest_length_is_taken()
    {
        string key = new('k', StoreLimits.KeyLengthMaxBytes);
        await Set(key, 0, "one");
        Assert.NotNull(await Store.GetAsync(key));
    }

    [Fact]
    public async Task Arguments_out_of_bounds_are_the_callers_fault()
    {
        string tooLong = new('k', StoreLimits.KeyLengthMaxBytes + 1);
        foreach (string key in new[] { "", " ", "a b", "ä", "a\n", "\x7f", tooLong })
        {
            await Assert.ThrowsAsync<ArgumentException>(() => Store.GetAsync(key));
            await Assert.ThrowsAsync<ArgumentException>(() => Store.CompareAndSetAsync(key, 0, Bytes("one")));
            await Assert.ThrowsAsync<ArgumentException>(() => Store.DeleteAsync(key, 1));
        }

        var tooMuch = new byte[StoreLimits.ValueLengthMaxBytes + 1];
        await Assert.ThrowsAsync<ArgumentException>(() => Store.CompareAndSetAsync("a", 0, tooMuch));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.ListAsync("ä"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            () => Store.CompareAndSetAsync("a", -1, Bytes("one")));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.DeleteAsync("a", 0));
        Assert.Empty(await Store.ListAsync(""));
    }

    [Fact]
    public async Task Of_changes_that_race_for_one_revision_exactly_one_wins()
    {
        long revision = await Set("a", 0, "start");
        StoreResult[] results = await Task.WhenAll(
            Enumerable.Range(0, 32)
                .Select(index => Store.CompareAndSetAsync("a", revision, Bytes($"v{index}"))));
        int winner = Array.FindIndex(results, result => result is StoreResult.Done);
        Assert.Single(results.OfType<StoreResult.Done>());
        Assert.Equal($"v{winner}", Encoding.ASCII.GetString((await Store.GetAsync("a"))!.Value.Span));
    }

    protected static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    protected abstract void Dispose(bool disposing);

    private async Task<long> Set(string key, long expectedRevision, string value) =>
        Assert.IsType<StoreResult.Done>(
            await Store.CompareAndSetAsync(key, expectedRevision, Bytes(value))).Revision;
}
