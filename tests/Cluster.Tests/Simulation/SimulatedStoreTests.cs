using Replication.TestKit.Simulation;

namespace Replication.Cluster.Tests.Simulation;

/// <summary>What a test can make the simulated store do.</summary>
public sealed class SimulatedStoreTests
{
    private readonly SimulatedStore _store = new();

    [Fact]
    public void A_request_reaches_the_store_in_one_step_and_its_answer_the_caller_in_another()
    {
        Task<StoreResult> set = _store.CompareAndSetAsync("a", 0, new byte[1]);
        Assert.Empty(_store.Entries);
        _store.RunNext();
        Assert.Single(_store.Entries);
        Assert.False(set.IsCompleted);
        _store.RunNext();
        Assert.True(set.IsCompletedSuccessfully);
        Assert.False(_store.RunNext());
    }

    [Fact]
    public async Task The_scheduler_decides_which_request_comes_first()
    {
        var steps = new List<Action>();
        var store = new SimulatedStore(steps.Add);
        Task<StoreResult> first = store.CompareAndSetAsync("a", 0, new byte[1]);
        Task<StoreResult> second = store.CompareAndSetAsync("a", 0, new byte[2]);
        steps[1]();
        steps[0]();
        steps[2]();
        steps[3]();
        Assert.IsType<StoreResult.Conflict>(await first);
        Assert.IsType<StoreResult.Done>(await second);
    }

    [Fact]
    public async Task An_unreachable_store_makes_nothing_and_answers_nothing()
    {
        _store.IsReachable = false;
        Task<StoreResult> set = _store.CompareAndSetAsync("a", 0, new byte[1]);
        Task<StoreEntry?> get = _store.GetAsync("a");
        _store.RunAll();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => set);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => get);
        Assert.Empty(_store.Entries);
    }

    [Theory]
    [InlineData(UnknownOutcome.NotApplied, 0)]
    [InlineData(UnknownOutcome.Applied, 1)]
    [InlineData(UnknownOutcome.AppliedLater, 0)]
    public async Task A_lost_answer_does_not_say_what_became_of_the_change(
        UnknownOutcome outcome, int entries)
    {
        _store.LoseNextAnswer(outcome);
        Task<StoreResult> set = _store.CompareAndSetAsync("a", 0, new byte[1]);
        _store.RunAll();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => set);
        Assert.Equal(entries, _store.Entries.Count);
    }

    [Fact]
    public void A_late_change_lands_if_its_revision_still_fits()
    {
        _store.LoseNextAnswer(UnknownOutcome.AppliedLater);
        _store.LoseNextAnswer(UnknownOutcome.AppliedLater);
        _ = _store.CompareAndSetAsync("a", 0, new byte[1]);
        _ = _store.CompareAndSetAsync("a", 0, new byte[2]);
        _store.RunAll();
        Assert.Equal(2, _store.LateChanges);
        _store.LandLate();
        _store.LandLate();
        Assert.Equal(1, Assert.Single(_store.Entries).Value.Length);
        Assert.Equal(1, _store.Revision);
    }

    [Fact]
    public void Reads_do_not_use_up_a_lost_answer()
    {
        _store.LoseNextAnswer(UnknownOutcome.NotApplied);
        Task<StoreEntry?> get = _store.GetAsync("a");
        _store.RunAll();
        Assert.True(get.IsCompletedSuccessfully);
    }
}
